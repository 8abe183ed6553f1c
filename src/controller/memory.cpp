#include "controller/memory.hpp"

#include "decide/explain.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

namespace nodenap {
namespace {

constexpr auto records_kept_for = std::chrono::hours(24 * 30);

template <class T>
T value_or(const AttributeMap& item, const std::string& name, T otherwise) {
    const auto found = item.find(name);
    if (found == item.end()) return otherwise;
    const auto* value = std::get_if<T>(&found->second.value);
    return value == nullptr ? otherwise : *value;
}

std::string text_in(const AttributeMap& item, const std::string& name) {
    return value_or(item, name, std::string{});
}

/// Clamps impossible times, so that calculations with them do not overflow.
std::optional<Time> time_in(const AttributeMap& item, const std::string& name) {
    constexpr Time earliest = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
    constexpr Time latest =
        std::chrono::sys_days(std::chrono::year(10000) / 1 / 1) - Milliseconds{1};
    if (!item.contains(name)) return std::nullopt;
    return std::clamp(Time{Milliseconds{value_or(item, name, std::int64_t{0})}}, earliest, latest);
}

std::int64_t ms_of(Time at) { return at.time_since_epoch().count(); }

constexpr const char* launch_word = "launch";
constexpr const char* remove_word = "remove";

AttributeMap fields_of(const Operation& operation) {
    AttributeMap fields{{"epoch", {operation.epoch}},
                        {"since", {ms_of(operation.since)}},
                        {"pool", {operation.offering.pool}},
                        {"instance_type", {operation.offering.instance_type}},
                        {"zone", {operation.offering.zone}},
                        {"capacity", {std::string(word(operation.offering.capacity))}}};
    if (operation.kind == OperationKind::launch) {
        fields["kind"] = {std::string(launch_word)};
        fields["subnet"] = {operation.subnet};
        fields["launch_template"] = {operation.launch_template};
        fields["launch_template_version"] = {operation.launch_template_version};
    } else {
        fields["kind"] = {std::string(remove_word)};
        fields["reason"] = {operation.reason};
    }
    if (!operation.instance_id.empty()) fields["instance_id"] = {operation.instance_id};
    return fields;
}

Operation operation_from(const std::string& id, const AttributeMap& fields) {
    Operation operation;
    operation.id = id;
    operation.kind =
        text_in(fields, "kind") == remove_word ? OperationKind::remove : OperationKind::launch;
    operation.epoch = value_or(fields, "epoch", std::int64_t{0});
    operation.since = time_in(fields, "since").value_or(Time{});
    operation.offering = {text_in(fields, "pool"), text_in(fields, "instance_type"),
                          text_in(fields, "zone"),
                          capacity(text_in(fields, "capacity")).value_or(Capacity::on_demand)};
    operation.subnet = text_in(fields, "subnet");
    operation.launch_template = text_in(fields, "launch_template");
    operation.launch_template_version = text_in(fields, "launch_template_version");
    operation.instance_id = text_in(fields, "instance_id");
    operation.reason = text_in(fields, "reason");
    return operation;
}

std::vector<Operation> operations_in(const AttributeMap& item, const std::string& name) {
    std::vector<Operation> operations;
    for (const auto& [id, attribute] : value_or(item, name, AttributeMap{})) {
        const auto* fields = std::get_if<AttributeMap>(&attribute.value);
        if (fields != nullptr) operations.push_back(operation_from(id, *fields));
    }
    return operations;
}

/// "history#0001795464000123#": sorts by time as text.
std::string history_prefix(Time at) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%013lld", static_cast<long long>(ms_of(at)));
    return std::string("journal#") + digits;
}

}  // namespace

Key state_key(const std::string& cluster) { return {cluster, std::string(state_record)}; }

Result<Updated> update_surely(StateStore& store, const Key& key, const Change& change,
                              const Condition& condition) {
    auto updated = store.update(key, change, condition);
    if (!updated && updated.error().kind == ErrorKind::unknown_outcome) {
        updated = store.update(key, change, condition);
    }
    return updated;
}

State state_from(const AttributeMap& item, const Codec& codec) {
    State state;
    state.epoch = value_or(item, "epoch", std::int64_t{0});
    state.generation = text_in(item, "generation");
    state.lease_owner = text_in(item, "lease_owner");
    state.lease_until = time_in(item, "lease_until");
    state.format = value_or(item, "format", std::int64_t{state_format});
    state.last_pass_at = time_in(item, "last_pass_at");
    state.last_action_at = time_in(item, "last_action_at");
    state.paused_until = time_in(item, "paused_until");
    state.pause_reason = text_in(item, "pause_reason");
    for (const auto& [id, attribute] : value_or(item, "notices", AttributeMap{})) {
        const auto* fields = std::get_if<AttributeMap>(&attribute.value);
        if (fields == nullptr) continue;
        state.interruptions[id] = {text_in(*fields, "kind"),
                                   time_in(*fields, "at").value_or(Time{})};
    }
    state.open_operations = operations_in(item, "open_intents");
    state.launched = operations_in(item, "launched");
    const auto text = text_in(item, "memory");
    auto memory = codec.memory(text);
    state.memory_forgotten = !memory && !text.empty();
    if (memory) state.memory = std::move(*memory);
    return state;
}

Result<State> read_state(StateStore& store, const Codec& codec, const std::string& cluster) {
    const auto item = store.get(state_key(cluster));
    if (!item) return item.error();
    return state_from(*item, codec);
}

void announce(Change& change, const Operation& operation) {
    change.set.push_back({{"open_intents", operation.id}, {fields_of(operation)}});
}

void note_answer(Change& change, const Operation& operation) {
    change.remove.push_back({"open_intents", operation.id});
    change.set.push_back({{"launched", operation.id}, {fields_of(operation)}});
}

void close(Change& change, const std::string& operation_id) {
    change.remove.push_back({"open_intents", operation_id});
    change.remove.push_back({"launched", operation_id});
}

Status post_interruption(StateStore& store, const std::string& cluster,
                         const std::string& instance_id, const Interruption& interruption) {
    const AttributeMap fields{{"kind", {interruption.kind}}, {"at", {ms_of(interruption.at)}}};
    Change post;
    post.set.push_back({{"notices", instance_id}, {fields}});
    const Condition has_map{{{{"notices", Test::present}}}};
    const auto key = state_key(cluster);
    auto posted = update_surely(store, key, post, has_map);
    if (posted && posted->refused) {
        Change make;
        make.set_if_absent.push_back({"notices", {AttributeMap{}}});
        const auto made = update_surely(store, key, make, {});
        if (!made) return made.error();
        posted = update_surely(store, key, post, has_map);
    }
    if (!posted) return posted.error();
    if (posted->refused)
        return Error{ErrorKind::conflict, "the state item was deleted during this pass"};
    return Done{};
}

Status append_record(StateStore& store, const Codec& codec, const Record& record) {
    const auto at = record.plan.now;
    const Key key{record.plan.cluster,
                  history_prefix(at) + "#" + std::to_string(record.epoch) + "#0"};
    const auto ends = std::chrono::duration_cast<std::chrono::seconds>(
        (at + records_kept_for).time_since_epoch());
    Change change;
    change.set = {{{"body"}, {codec.record_text(record)}},
                  {{"expires_at"}, {std::int64_t{ends.count()}}}};
    const auto written = update_surely(store, key, change, {{{{"body", Test::absent}}}});
    if (!written) return written.error();
    return Done{};
}

Result<History> read_history(StateStore& store, const Codec& codec, const std::string& cluster,
                             const HistorySpan& span) {
    const Query query{cluster, history_prefix(span.since), "journal$", true, span.limit};
    const auto items = store.query(query);
    if (!items) return items.error();
    History history;
    for (const auto& item : *items) {
        auto record = codec.record(text_in(item, "body"));
        if (record) {
            history.records.push_back(std::move(*record));
        } else {
            history.unreadable.push_back(text_in(item, "record") + ": " + record.error().text);
        }
    }
    return history;
}

}  // namespace nodenap
