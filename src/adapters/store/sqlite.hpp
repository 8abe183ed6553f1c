#pragma once

#include "controller/ports.hpp"

#include <memory>
#include <string>

namespace nodenap {

/// The StateStore in one local file: the semantics of DynamoDB's UpdateItem, GetItem and Query (see
/// ports.hpp), each call one transaction. May be shared between threads and processes. Reading
/// creates no file and deletes nothing; updates create the file and delete records past their
/// `expires_at`.
class SqliteStore final : public StateStore {
public:
    /// Opens the file if it exists. Errors name it: invalid if it is not a database or belongs to
    /// another program, unavailable if it cannot be read or is locked for longer than `patience`.
    static Result<std::unique_ptr<SqliteStore>> open(
        const std::string& path, Milliseconds patience = std::chrono::seconds(10));
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
