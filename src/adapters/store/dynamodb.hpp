#pragma once

#include "adapters/aws/client.hpp"
#include "controller/ports.hpp"

#include <string>
#include <vector>

namespace nodenap {

/// The store in one DynamoDB table with the keys `cluster_id` (S) and `record` (S). A write with an
/// unknown outcome is never repeated here; the lease code reads it back.
class DynamoDbStore : public StateStore {
public:
    DynamoDbStore(AwsClient& aws, std::string table) : aws_(aws), table_(std::move(table)) {}

    Result<Updated> update(const Key& key, const Change& change,
                           const Condition& condition) override;
    Result<AttributeMap> get(const Key& key) override;
    Result<std::vector<AttributeMap>> query(const Query& query) override;

private:
    Result<Updated> refused(const Key& key, const std::string& body);

    AwsClient& aws_;
    std::string table_;
};

}  // namespace nodenap
