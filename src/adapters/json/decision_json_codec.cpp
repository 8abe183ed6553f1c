#include "adapters/json/decision_json.hpp"
#include "adapters/json/decision_json_fields.hpp"
#include "adapters/json/decision_json_memory.hpp"
#include "adapters/json/decision_json_parts.hpp"
#include "decide/explain.hpp"

#include <algorithm>

namespace nodenap {

namespace {

constexpr std::size_t longest_cause = 80;
constexpr std::size_t longest_record = std::size_t{300} << 10;

std::int64_t seconds(Time time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

/// Rounds up to whole seconds, so that saving never shortens a waiting time.
std::int64_t seconds_and_more(Time time) {
    return std::chrono::ceil<std::chrono::seconds>(time).time_since_epoch().count();
}

OrderedJson seconds_or_null(const std::optional<Time>& time) {
    return time ? OrderedJson(seconds(*time)) : OrderedJson(nullptr);
}

/// Cuts between characters, not within one.
std::string shortened(const std::string& text) {
    if (text.size() <= longest_cause) return text;
    auto end = longest_cause;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end);
}

/// For a registered instance: 0, only by its id; 1, by other names too; 2, unknown (older version).
int name_code(const RememberedInstance& one) {
    if (!one.registered_at || one.only_by_name.value_or(false)) return 0;
    return one.only_by_name ? 1 : 2;
}

/// [registered at | null, not ready since | null, server 0 | 1, first seen | null, seconds
/// unwatched, registration failed 0 | 1, termination refused until | null, opens at | null, server
/// seen at | null, see name_code]. Trailing nulls and zeros are omitted; the first value alone is
/// written without a list.
OrderedJson instance_document(const RememberedInstance& one, bool names_are_told) {
    const auto unwatched = std::chrono::floor<std::chrono::seconds>(one.unwatched).count();
    auto out = OrderedJson::array(
        {seconds_or_null(one.registered_at), seconds_or_null(one.notready_since),
         one.server_seen_at ? 1 : 0, seconds_or_null(one.first_seen_at), unwatched,
         one.registration_failed ? 1 : 0, seconds_or_null(one.refused_until),
         seconds_or_null(one.opens_at), seconds_or_null(one.server_seen_at),
         names_are_told ? name_code(one) : 0});
    const auto says_nothing = [&out] {
        const auto last = out.size() - 1;
        const bool is_time = last == 1 || last == 3 ||
                             (last >= 6 && last <= 8);  // these are times, where 0 means 1970
        return out.back().is_null() || (!is_time && out.back() == 0);
    };
    while (out.size() > 1 && says_nothing()) out.erase(out.size() - 1);
    return out.size() == 1 ? out.front() : out;
}

using Instances = std::map<std::string, RememberedInstance>;

/// Absent in memory written by an older version.
bool tells_names(const Instances& instances) {
    return std::ranges::any_of(
        instances, [](const auto& entry) { return entry.second.only_by_name.has_value(); });
}

OrderedJson instances_document(const Instances& instances) {
    const bool names_are_told = tells_names(instances);
    auto out = OrderedJson::object();
    for (const auto& [id, one] : instances) out[id] = instance_document(one, names_are_told);
    return out;
}

OrderedJson backoff_document(const std::vector<UnavailableOffering>& unavailable) {
    auto out = OrderedJson::array();
    for (const auto& one : unavailable)
        out.push_back(OrderedJson::array({one.offering.pool, one.offering.instance_type,
                                          one.offering.zone, word(one.offering.capacity),
                                          seconds(one.until), one.failures, shortened(one.cause)}));
    return out;
}

/// A single number is written as older versions did; 0: none.
OrderedJson epochs_document(const std::vector<std::int64_t>& epochs) {
    if (epochs.empty()) return 0;
    return epochs.size() == 1 ? OrderedJson(epochs.front()) : OrderedJson(epochs);
}

/// If known, the size of the nodes that did not help follows (millicores, MiB); then 1 if the
/// group's pods disappeared.
OrderedJson groups_document(const std::vector<PodGroupMemory>& groups) {
    auto out = OrderedJson::array();
    for (const auto& one : groups) {
        auto group = OrderedJson::array({one.group, epochs_document(one.launched_epochs),
                                         seconds_or_null(one.unplaceable_until), one.failures});
        if (one.refused != Resources{} || one.pods_vanished) {
            group.push_back(one.refused.cpu.value);
            group.push_back(one.refused.memory.value);
        }
        if (one.pods_vanished) group.push_back(1);
        out.push_back(std::move(group));
    }
    return out;
}

OrderedJson allocatable_document(const std::map<std::string, SeenAllocatable>& allocatable) {
    auto out = OrderedJson::object();
    for (const auto& [kind, one] : allocatable)
        out[kind] = OrderedJson::array(
            {one.has.cpu.value, one.has.memory.value, one.has.pods, seconds(one.at)});
    return out;
}

OrderedJson launches_document(const std::vector<Time>& launches) {
    auto out = OrderedJson::array();
    std::int64_t before = 0;
    for (const auto& one : launches) {
        out.push_back(seconds(one) - before);
        before = seconds(one);
    }
    return out;
}

OrderedJson times_document(const std::map<std::string, Time>& times) {
    auto out = OrderedJson::object();
    for (const auto& [name, time] : times) out[name] = seconds(time);
    return out;
}

/// Kept apart from the instances, because older versions read their lists by position.
OrderedJson volumes_document(const std::map<std::string, RememberedInstance>& instances) {
    auto out = OrderedJson::array();
    for (const auto& [id, one] : instances)
        for (const auto& volume : one.volumes)
            out.push_back(OrderedJson::array(
                {id, volume.name, volume.claim, seconds_or_null(volume.unbound_since)}));
    return out;
}

}  // namespace

std::string JsonCodec::memory_text(const Memory& memory) const {
    auto out = OrderedJson::object();
    if (!memory.instances.empty()) out[key::instances] = instances_document(memory.instances);
    if (tells_names(memory.instances)) out[key::names_are_told] = 1;
    if (!memory.unavailable_offerings.empty())
        out[key::unavailable] = backoff_document(memory.unavailable_offerings);
    if (!memory.groups.empty()) out[key::groups] = groups_document(memory.groups);
    const auto& seen = memory.allocatable;
    if (!seen.empty()) out[key::allocatable] = allocatable_document(seen);
    if (!memory.launches.empty()) out[key::launches] = launches_document(memory.launches);
    if (memory.nodes_seen_at) out[key::nodes_seen_at] = seconds(*memory.nodes_seen_at);
    if (memory.low_since) out[key::low_since] = seconds_and_more(*memory.low_since);
    if (memory.low_seen_at) out[key::low_seen_at] = seconds(*memory.low_seen_at);
    if (memory.last_ready_at) out[key::last_ready_at] = seconds_and_more(*memory.last_ready_at);
    const auto& removed_at = memory.last_removal_at;
    if (removed_at) out[key::last_removal_at] = seconds_and_more(*removed_at);
    if (memory.cooldown_doublings > 0) out[key::doublings] = memory.cooldown_doublings;
    if (memory.removal_premature) out[key::premature] = true;
    if (!memory.last_reason.empty()) out[key::last_reason] = memory.last_reason;
    if (!memory.last_decision.empty()) out[key::last_decision] = memory.last_decision;
    if (!memory.hidden_since.empty()) out[key::hidden_since] = times_document(memory.hidden_since);
    if (!memory.unmatched_nodes.empty()) out[key::unmatched_nodes] = memory.unmatched_nodes;
    if (!memory.templates.empty()) out[key::templates] = times_document(memory.templates);
    auto volumes = volumes_document(memory.instances);
    if (!volumes.empty()) out[key::volumes] = std::move(volumes);
    return dumped(out);
}

Result<Memory> JsonCodec::memory(std::string_view text) const {
    return read_document<Memory>(text, "the memory", read_memory);
}

std::string JsonCodec::record_text(const Record& record) const {
    auto text = record_json(record);
    if (text.size() <= longest_record) return text;
    return dumped(shortened_document(record, longest_record));
}

Result<Record> JsonCodec::record(std::string_view text) const { return record_from_json(text); }

}  // namespace nodenap
