// Responses of DynamoDB, and the state in their items.

#include "adapters/json/decision_json.hpp"
#include "adapters/store/dynamodb_json.hpp"
#include "adapters/store/item.hpp"
#include "fuzz/fuzz.hpp"

namespace nodenap::fuzz {
namespace {

std::string answer_text(const char* name, const AttributeMap& map) {
    const nlohmann::ordered_json answer = {{name, dynamodb_json(map)}};
    return answer.dump();
}

void claim_comes_back(const AttributeMap& map) {
    const auto item = read_dynamodb_answer(answer_text("Item", map));
    claim(item && item->item == map, "an item that was written is read as it was");
    const auto key = read_dynamodb_answer(answer_text("LastEvaluatedKey", map));
    claim(key && key->last_key == map, "a page's last key is read as it was");
}

void claim_time(const std::optional<Time>& time) {
    constexpr auto longest = std::chrono::hours(24 * 366 * 10000);
    if (!time) return;
    claim(*time >= Time{} - longest && *time <= Time{} + longest, "a time can be reckoned with");
}

AttributeMap with_maps() {
    return {{"open_intents", {AttributeMap{}}}, {"launched", {AttributeMap{}}}};
}

/// Open and confirmed operations are read back correctly.
void claim_operations_come_back(const std::vector<Operation>& operations) {
    Change change;
    for (const auto& operation : operations) announce(change, operation);
    auto item = with_maps();
    claim(static_cast<bool>(apply_change(item, change)),
          "intents of other names stand in nobody's way");
    const auto state = state_from(item, JsonCodec());
    claim(state.open_operations == operations, "an intent that was announced is read as it was");
    Change answers;
    for (const auto& operation : operations) note_answer(answers, operation);
    claim(apply_change(item, answers) && state_from(item, JsonCodec()).launched == operations,
          "an answer that was noted is read as it was");
}

void try_state(const AttributeMap& item) {
    const auto state = state_from(item, JsonCodec());
    for (const auto& time :
         {state.lease_until, state.last_pass_at, state.last_action_at, state.paused_until})
        claim_time(time);
    for (const auto& [id, interruption] : state.interruptions) claim_time(interruption.at);
    auto operations = state.open_operations;
    for (auto& operation : operations) {
        claim_time(operation.since);
        // A launch has no reason and a removal no template, so neither is written.
        const bool launch = operation.kind == OperationKind::launch;
        if (launch) operation.reason.clear();
        if (!launch)
            operation.subnet = operation.launch_template = operation.launch_template_version = {};
    }
    claim_operations_come_back(operations);
}

}  // namespace

void try_input(std::string_view input) {
    const auto answer = read_dynamodb_answer(std::string(input));
    if (!answer) {
        claim(answer.error().kind == ErrorKind::unavailable, "an unreadable answer is none");
        return;
    }
    claim(!input.empty(), "an empty body is no empty item");
    claim_comes_back(answer->item);
    try_state(answer->item);
    for (const auto& item : answer->items) claim_comes_back(item);
}

}  // namespace nodenap::fuzz
