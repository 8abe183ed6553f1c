#include "adapters/json/decision_json_memory.hpp"

#include "decide/explain.hpp"

#include <algorithm>
#include <chrono>

namespace nodenap {
namespace {

/// Years beyond 9999 are invalid and would overflow in milliseconds.
std::optional<Time> time_of(std::int64_t seconds_since_epoch) {
    constexpr std::int64_t year_10000 = 253402300800;
    if (seconds_since_epoch < -year_10000 || seconds_since_epoch >= year_10000) return std::nullopt;
    return Time(std::chrono::seconds(seconds_since_epoch));
}

/// The upper limit of counters: the backoff does not grow further.
constexpr int most_times = 1000;

std::optional<Time> read_time(const Fields& in, const char* name) {
    const auto number = in.whole_or_none(name);
    return number ? time_of(*number) : std::nullopt;
}

std::optional<Time> read_time_of(const Fields& in, const Fields::Element& element,
                                 const char* name) {
    return element.is_null() ? std::nullopt : time_of(in.whole_of(element, name));
}

constexpr Time undated = Time::min();

/// Older versions wrote shorter lists.
RememberedInstance read_instance(const Fields& in, const Fields::Element& element) {
    RememberedInstance one;
    if (!element.is_array()) {
        one.registered_at = read_time_of(in, element, key::instances);
        one.only_by_name = true;
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
    one.registered_at = time_at(0);
    one.notready_since = time_at(1);
    if (count_at(2) != 0) one.server_seen_at = time_at(8).value_or(undated);
    one.first_seen_at = time_at(3);
    one.unwatched = std::chrono::seconds(count_at(4));
    one.registration_failed = count_at(5) != 0;
    one.refused_until = time_at(6);
    one.opens_at = time_at(7);
    if (count_at(9) < 2) one.only_by_name = count_at(9) == 0;
    return one;
}

std::map<std::string, RememberedInstance> read_instances(const Fields& in) {
    std::map<std::string, RememberedInstance> out;
    const auto instances = in.object(key::instances);
    for (const auto& [id, element] : instances.members()) out[id] = read_instance(in, element);
    return out;
}

std::vector<UnavailableOffering> read_backoff(const Fields& in) {
    std::vector<UnavailableOffering> out;
    for (const auto& element : in.list(key::unavailable)) {
        const auto parts = in.list_of(element, key::unavailable);
        if (parts.size() < 7) {
            in.refuse(key::unavailable, "has a list that is too short");
            continue;
        }
        const auto text = [&](std::size_t at) { return in.text_of(parts[at], key::unavailable); };
        UnavailableOffering one;
        one.offering = {text(0), text(1), text(2), capacity(text(3)).value_or(Capacity::on_demand)};
        one.until = read_time_of(in, parts[4], key::unavailable).value_or(Time{});
        one.failures = std::min(in.count_of(parts[5], key::unavailable), most_times);
        one.cause = text(6);
        out.push_back(std::move(one));
    }
    return out;
}

/// Millicores, MiB or pods, clamped to a range that cannot overflow.
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

/// Older versions saved servers without a time; the time of the last node data is used.
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

}  // namespace

Memory read_memory(const Fields& in) {
    Memory out;
    out.instances = read_instances(in);
    out.unavailable_offerings = read_backoff(in);
    out.groups = read_groups(in);
    out.allocatable = read_allocatable(in);
    out.launches = read_launches(in);
    out.nodes_seen_at = read_time(in, key::nodes_seen_at);
    out.low_since = read_time(in, key::low_since);
    out.low_seen_at = read_time(in, key::low_seen_at);
    out.last_ready_at = read_time(in, key::last_ready_at);
    out.last_removal_at = read_time(in, key::last_removal_at);
    out.cooldown_doublings = std::min(in.count(key::doublings), most_times);
    out.removal_premature = in.flag(key::premature);
    out.last_reason = in.text(key::last_reason);
    out.last_decision = in.text(key::last_decision);
    out.hidden_since = read_times(in, key::hidden_since);
    for (const auto& node : in.list(key::unmatched_nodes)) {
        out.unmatched_nodes.insert(in.text_of(node, key::unmatched_nodes));
    }
    out.templates = read_times(in, key::templates);
    read_volumes(in, out.instances);
    date_servers(out);
    for (auto& [id, one] : out.instances) {
        if (!one.registered_at || in.count(key::names_are_told) == 0) one.only_by_name.reset();
    }
    return out;
}

}  // namespace nodenap
