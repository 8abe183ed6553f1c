#include "adapters/decision_json.hpp"
#include "adapters/decision_json_fields.hpp"
#include "adapters/decision_json_parts.hpp"
#include "engine/explain.hpp"

#include <algorithm>

namespace nodenap {

namespace {

constexpr std::size_t longest_cause = 80;
constexpr std::size_t longest_record = std::size_t{300} << 10;

/// The one-letter keys of the remembered text. A key never changes its meaning: a new one is
/// added instead.
namespace key {
constexpr auto instances = "i";    // id: joined, or a list, see instance_document
constexpr auto resting = "r";      // [pool, type, zone, capacity, until, failures, cause]
constexpr auto groups = "g";       // [group, epoch, unplaceable until | null, failures, size, 1]
constexpr auto allocatable = "a";  // "pool/type": [millicores, MiB, pods, seen at]
constexpr auto launches = "l";     // seconds; the first whole, each next as a difference
constexpr auto nodes_seen_at = "n";
constexpr auto low_since = "w";
constexpr auto low_seen_at = "v";
constexpr auto last_ready_at = "y";
constexpr auto last_removal_at = "x";
constexpr auto doublings = "d";
constexpr auto regretted = "q";
constexpr auto last_reason = "c";
constexpr auto last_decision = "k";
constexpr auto hidden_since = "h";  // node: seconds
constexpr auto unmatched_nodes = "u";
constexpr auto volumes = "o";    // [instance, volume, claim, unbound since | null]
constexpr auto templates = "t";  // launch template: seconds
}  // namespace key

std::int64_t seconds(Time time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

/// Never earlier than it was: what must last gets no shorter by being written down.
std::int64_t seconds_and_more(Time time) {
    return std::chrono::ceil<std::chrono::seconds>(time).time_since_epoch().count();
}

/// Years beyond 9999 are no time of ours, and would overflow in milliseconds.
std::optional<Time> time_of(std::int64_t seconds_since_epoch) {
    constexpr std::int64_t year_10000 = 253402300800;
    if (seconds_since_epoch < -year_10000 || seconds_since_epoch >= year_10000) return std::nullopt;
    return Time(std::chrono::seconds(seconds_since_epoch));
}

OrderedJson seconds_or_null(const std::optional<Time>& time) {
    return time ? OrderedJson(seconds(*time)) : OrderedJson(nullptr);
}

/// Cut between characters, not within one.
std::string shortened(const std::string& text) {
    if (text.size() <= longest_cause) return text;
    auto end = longest_cause;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end);
}

/// [joined | null, not ready since | null, server 0 | 1, first seen | null, seconds unwatched,
/// given up 0 | 1, termination refused until | null, opens at | null, server seen at | null].
/// What is null at the end, or a number that is 0, is left out; the first alone stands without a
/// list.
OrderedJson instance_document(const RememberedInstance& one) {
    const auto unwatched = std::chrono::floor<std::chrono::seconds>(one.unwatched).count();
    auto out =
        OrderedJson::array({seconds_or_null(one.joined_at), seconds_or_null(one.notready_since),
                            one.server_seen_at ? 1 : 0, seconds_or_null(one.first_seen_at),
                            unwatched, one.given_up ? 1 : 0, seconds_or_null(one.refused_until),
                            seconds_or_null(one.opens_at), seconds_or_null(one.server_seen_at)});
    const auto says_nothing = [&out] {
        const auto last = out.size() - 1;
        const bool is_time = last == 1 || last == 3 || last >= 6;  // where 0 is a second of 1970
        return out.back().is_null() || (!is_time && out.back() == 0);
    };
    while (out.size() > 1 && says_nothing()) out.erase(out.size() - 1);
    return out.size() == 1 ? out.front() : out;
}

OrderedJson instances_document(const std::map<std::string, RememberedInstance>& instances) {
    auto out = OrderedJson::object();
    for (const auto& [id, one] : instances) out[id] = instance_document(one);
    return out;
}

OrderedJson resting_document(const std::vector<RestingOffer>& resting) {
    auto out = OrderedJson::array();
    for (const auto& one : resting)
        out.push_back(OrderedJson::array({one.offer.pool, one.offer.instance_type, one.offer.zone,
                                          word(one.offer.capacity), seconds(one.until),
                                          one.failures, shortened(one.cause)}));
    return out;
}

/// A number where there is one, as older versions wrote it; 0: none.
OrderedJson epochs_document(const std::vector<std::int64_t>& epochs) {
    if (epochs.empty()) return 0;
    return epochs.size() == 1 ? OrderedJson(epochs.front()) : OrderedJson(epochs);
}

/// The size of the nodes that did not help follows where it is known: millicores, MiB. Then 1 where
/// the group's pods vanished.
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

/// Beside the instances, whose lists older versions read by their places.
OrderedJson volumes_document(const std::map<std::string, RememberedInstance>& instances) {
    auto out = OrderedJson::array();
    for (const auto& [id, one] : instances)
        for (const auto& volume : one.volumes)
            out.push_back(OrderedJson::array(
                {id, volume.name, volume.claim, seconds_or_null(volume.unbound_since)}));
    return out;
}

/// Whoever counts so far has lost count, and doubles no longer for it.
constexpr int most_times = 1000;

// --- reading -----------------------------------------------------------------------------------

std::optional<Time> read_time(const Fields& in, const char* name) {
    const auto number = in.whole_or_none(name);
    return number ? time_of(*number) : std::nullopt;
}

std::optional<Time> read_time_of(const Fields& in, const Fields::Element& element,
                                 const char* name) {
    return element.is_null() ? std::nullopt : time_of(in.whole_of(element, name));
}

constexpr Time undated = Time::min();

/// Lists written by an older version are shorter.
RememberedInstance read_instance(const Fields& in, const Fields::Element& element) {
    RememberedInstance one;
    if (!element.is_array()) {
        one.joined_at = read_time_of(in, element, key::instances);
        return one;
    }
    const auto parts = in.list_of(element, key::instances);
    if (parts.size() < 2) {
        in.refuse(key::instances, "has a list that is too short");
        return one;
    }
    const auto time_at = [&](std::size_t at) {
        return at < parts.size() ? read_time_of(in, parts[at], key::instances) : std::nullopt;
    };
    const auto count_at = [&](std::size_t at) {
        return at < parts.size() ? in.count_of(parts[at], key::instances) : 0;
    };
    one.joined_at = time_at(0);
    one.notready_since = time_at(1);
    if (count_at(2) != 0) one.server_seen_at = time_at(8).value_or(undated);
    one.first_seen_at = time_at(3);
    one.unwatched = std::chrono::seconds(count_at(4));
    one.given_up = count_at(5) != 0;
    one.refused_until = time_at(6);
    one.opens_at = time_at(7);
    return one;
}

std::map<std::string, RememberedInstance> read_instances(const Fields& in) {
    std::map<std::string, RememberedInstance> out;
    const auto instances = in.object(key::instances);
    for (const auto& [id, element] : instances.members()) out[id] = read_instance(in, element);
    return out;
}

std::vector<RestingOffer> read_resting(const Fields& in) {
    std::vector<RestingOffer> out;
    for (const auto& element : in.list(key::resting)) {
        const auto parts = in.list_of(element, key::resting);
        if (parts.size() < 7) {
            in.refuse(key::resting, "has a list that is too short");
            continue;
        }
        const auto text = [&](std::size_t at) { return in.text_of(parts[at], key::resting); };
        RestingOffer one;
        one.offer = {text(0), text(1), text(2), capacity(text(3)).value_or(Capacity::on_demand)};
        one.until = read_time_of(in, parts[4], key::resting).value_or(Time{});
        one.failures = std::min(in.count_of(parts[5], key::resting), most_times);
        one.cause = text(6);
        out.push_back(std::move(one));
    }
    return out;
}

/// Millicores, MiB or pods, no more than can be reckoned with.
std::int64_t size_of(const Fields& in, const Fields::Element& element, const char* name) {
    constexpr std::int64_t largest = 1'000'000'000'000'000;
    return std::clamp<std::int64_t>(in.whole_of(element, name), 0, largest);
}

std::vector<std::int64_t> read_epochs(const Fields& in, const Fields::Element& element) {
    std::vector<std::int64_t> epochs;
    if (element.is_array()) {
        for (const auto& one : in.list_of(element, key::groups)) {
            epochs.push_back(in.whole_of(one, key::groups));
        }
        return epochs;
    }
    const auto epoch = in.whole_of(element, key::groups);
    if (epoch != 0) epochs.push_back(epoch);
    return epochs;
}

std::vector<PodGroupMemory> read_groups(const Fields& in) {
    std::vector<PodGroupMemory> out;
    for (const auto& element : in.list(key::groups)) {
        const auto parts = in.list_of(element, key::groups);
        if (parts.size() < 4) {
            in.refuse(key::groups, "has a list that is too short");
            continue;
        }
        out.push_back({in.text_of(parts[0], key::groups), read_epochs(in, parts[1]),
                       read_time_of(in, parts[2], key::groups),
                       std::min(in.count_of(parts[3], key::groups), most_times)});
        if (parts.size() < 6) continue;
        out.back().refused = {
            {size_of(in, parts[4], key::groups)}, {size_of(in, parts[5], key::groups)}, 0};
        out.back().pods_vanished = parts.size() > 6 && in.whole_of(parts[6], key::groups) != 0;
    }
    return out;
}

std::map<std::string, SeenAllocatable> read_allocatable(const Fields& in) {
    std::map<std::string, SeenAllocatable> out;
    const auto kinds = in.object(key::allocatable);
    for (const auto& [kind, element] : kinds.members()) {
        const auto parts = in.list_of(element, key::allocatable);
        if (parts.size() < 4) {
            in.refuse(key::allocatable, "has a list that is too short");
            continue;
        }
        const auto size = [&](std::size_t at) { return size_of(in, parts[at], key::allocatable); };
        out[std::string(kind)] = {{{size(0)}, {size(1)}, size(2)},
                                  read_time_of(in, parts[3], key::allocatable).value_or(Time{})};
    }
    return out;
}

std::vector<Time> read_launches(const Fields& in) {
    std::vector<Time> out;
    std::int64_t at = 0;
    for (const auto& element : in.list(key::launches)) {
        const auto step = in.whole_of(element, key::launches);
        std::int64_t sum = 0;
        const auto time = __builtin_add_overflow(at, step, &sum) ? std::nullopt : time_of(sum);
        if (!time) {
            in.refuse(key::launches, "is out of range");
            break;
        }
        at = sum;
        out.push_back(*time);
    }
    return out;
}

std::map<std::string, Time> read_times(const Fields& in, const char* name) {
    std::map<std::string, Time> out;
    const auto times = in.object(name);
    for (const auto& [key, element] : times.members()) {
        const auto time = read_time_of(in, element, name);
        if (time) out[std::string(key)] = *time;
    }
    return out;
}

/// An older version remembered a server without a time: it was seen when the Nodes last were.
void date_servers(Memory& memory) {
    for (auto& [id, one] : memory.instances) {
        if (one.server_seen_at == undated) {
            one.server_seen_at = memory.nodes_seen_at.value_or(Time{});
        }
    }
}

void read_volumes(const Fields& in, std::map<std::string, RememberedInstance>& instances) {
    for (const auto& element : in.list(key::volumes)) {
        const auto parts = in.list_of(element, key::volumes);
        if (parts.size() < 4) {
            in.refuse(key::volumes, "has a list that is too short");
            continue;
        }
        const auto text = [&](std::size_t at) { return in.text_of(parts[at], key::volumes); };
        const auto one = instances.find(text(0));
        if (one == instances.end()) continue;
        one->second.volumes.push_back({text(1), text(2), read_time_of(in, parts[3], key::volumes)});
    }
}

Memory read_memory(const Fields& in) {
    Memory out;
    out.instances = read_instances(in);
    out.resting = read_resting(in);
    out.groups = read_groups(in);
    out.allocatable = read_allocatable(in);
    out.launches = read_launches(in);
    out.nodes_seen_at = read_time(in, key::nodes_seen_at);
    out.low_since = read_time(in, key::low_since);
    out.low_seen_at = read_time(in, key::low_seen_at);
    out.last_ready_at = read_time(in, key::last_ready_at);
    out.last_removal_at = read_time(in, key::last_removal_at);
    out.cooldown_doublings = std::min(in.count(key::doublings), most_times);
    out.removal_regretted = in.flag(key::regretted);
    out.last_reason = in.text(key::last_reason);
    out.last_decision = in.text(key::last_decision);
    out.hidden_since = read_times(in, key::hidden_since);
    for (const auto& node : in.list(key::unmatched_nodes)) {
        out.unmatched_nodes.insert(in.text_of(node, key::unmatched_nodes));
    }
    out.templates = read_times(in, key::templates);
    read_volumes(in, out.instances);
    date_servers(out);
    return out;
}

}  // namespace

std::string JsonCodec::memory_text(const Memory& memory) const {
    auto out = OrderedJson::object();
    if (!memory.instances.empty()) out[key::instances] = instances_document(memory.instances);
    if (!memory.resting.empty()) out[key::resting] = resting_document(memory.resting);
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
    if (memory.removal_regretted) out[key::regretted] = true;
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
