#include "adapters/store/dynamodb.hpp"

#include "adapters/store/dynamodb_json.hpp"
#include "adapters/store/dynamodb_requests.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace nodenap {

namespace {

using namespace std::chrono_literals;

AwsRequest request(std::string operation, std::string body, Again again) {
    return {"dynamodb", std::move(operation), std::move(body), again, 8s, 3s};
}

}  // namespace

Result<Updated> DynamoDbStore::update(const Key& key, const Change& change,
                                      const Condition& condition) {
    const std::string body = update_item_body(table_, key, change, condition);
    const auto got = aws_.call(request("UpdateItem", body, Again::changes));
    if (!got) return got.error();
    if (got->status != 200) return refused(key, got->body);
    auto answer = read_dynamodb_answer(got->body);
    if (!answer) return Error{ErrorKind::unknown_outcome, answer.error().text};
    return Updated{false, std::move(answer->item)};
}

// If a refusal does not contain the item, it is read separately.
Result<Updated> DynamoDbStore::refused(const Key& key, const std::string& body) {
    auto answer = read_dynamodb_answer(body);
    if (answer && !answer->item.empty()) return Updated{true, std::move(answer->item)};
    auto item = get(key);
    if (!item) return item.error();
    return Updated{true, std::move(*item)};
}

Result<AttributeMap> DynamoDbStore::get(const Key& key) {
    const auto got = aws_.call(request("GetItem", get_item_body(table_, key), Again::reads));
    if (!got) return got.error();
    auto answer = read_dynamodb_answer(got->body);
    if (!answer) return answer.error();
    return std::move(answer->item);
}

Result<std::vector<AttributeMap>> DynamoDbStore::query(const Query& query) {
    std::vector<AttributeMap> items;
    AttributeMap start;
    if (query.to < query.from) return items;  // an error for DynamoDB
    while (std::cmp_less(items.size(), query.limit)) {
        const int limit = query.limit - static_cast<int>(items.size());
        const std::string body = query_body(table_, query, limit, start);
        const auto got = aws_.call(request("Query", body, Again::reads));
        if (!got) return got.error();
        auto answer = read_dynamodb_answer(got->body);
        if (!answer) return answer.error();
        std::ranges::move(answer->items, std::back_inserter(items));
        start = std::move(answer->last_key);
        if (start.empty()) break;
    }
    return items;
}

}  // namespace nodenap
