#pragma once

#include "controller/ports.hpp"

#include <memory>
#include <string>

namespace nodenap {

/// The StateStore in one file of one machine: the semantics of DynamoDB's UpdateItem, GetItem and
/// Query (see ports.hpp), each call one transaction. May be shared between threads and processes.
/// Records past their `expires_at` are deleted when the file is opened.
class SqliteStore final : public StateStore {
public:
    /// Opens the file, makes it if it is not there. Errors name it: invalid where it is not a
    /// database or not one of ours, unavailable where it cannot be read, written or locked.
    static Result<std::unique_ptr<SqliteStore>> open(const std::string& path);
    ~SqliteStore() override;
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;

    Result<Updated> update(const Key& key, const Change& change,
                           const Condition& condition) override;
    Result<AttributeMap> get(const Key& key) override;
    Result<std::vector<AttributeMap>> query(const Query& query) override;

private:
    class File;
    explicit SqliteStore(std::unique_ptr<File> file);
    std::unique_ptr<File> file_;
};

}  // namespace nodenap
