#include "adapters/store/contract.hpp"
#include "adapters/store/dynamodb.hpp"
#include "adapters/system/system_clock.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <mutex>

namespace nodenap::test {
namespace {

// The URL of a DynamoDB with the table "nodenap" that tests may write to; set by the lab.
std::string peer() {
    const char* url = std::getenv("NODENAP_TEST_DYNAMODB_URL");
    return url == nullptr ? std::string() : std::string(url);
}

// A store with all its parts. The contract shares one between threads, the function never does, so
// the lock is here.
class OwnStore : public StateStore {
public:
    Result<Updated> update(const Key& key, const Change& change,
                           const Condition& condition) override {
        const std::lock_guard lock(mutex_);
        return store_.update(key, change, condition);
    }
    Result<AttributeMap> get(const Key& key) override {
        const std::lock_guard lock(mutex_);
        return store_.get(key);
    }
    Result<std::vector<AttributeMap>> query(const Query& query) override {
        const std::lock_guard lock(mutex_);
        return store_.query(query);
    }

private:
    std::mutex mutex_;
    NetworkHttp http_{{}};
    SystemClock clock_;
    Credentials credentials_{http_, {.access_key_id = "test", .secret_access_key = Secret("test")}};
    AwsClient aws_{http_, clock_, credentials_, {"us-east-1", peer()}};
    DynamoDbStore store_{aws_, "nodenap"};
};

class DynamoDbContract : public ::testing::TestWithParam<StoreContractCase> {};

TEST_P(DynamoDbContract, Keeps) {
    if (peer().empty()) GTEST_SKIP() << "NODENAP_TEST_DYNAMODB_URL is not set; the lab sets it";
    GetParam().check([] { return std::make_unique<OwnStore>(); });
}

INSTANTIATE_TEST_SUITE_P(DynamoDb, DynamoDbContract, ::testing::ValuesIn(store_contract()),
                         case_name<::testing::TestParamInfo<StoreContractCase>>);

}  // namespace
}  // namespace nodenap::test
