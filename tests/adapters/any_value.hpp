#pragma once

// Random values of the store, for properties of writing and reading them.

#include "controller/memory.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <limits>
#include <string>
#include <vector>

namespace nodenap::test {

/// From `low` up to and including `high`.
inline int any_of(int low, int high) { return *rc::gen::inRange(low, high + 1); }
inline bool maybe() { return any_of(0, 1) == 1; }

/// UTF-8 with all characters that are difficult to quote.
inline std::string any_text(int longest = 12) {
    static const std::array<std::string, 16> pieces{"a",  "Z", "7", " ", "/", "\"", "\\", "\n",
                                                    "\t", "{", "]", ",", "é", "中", "😀",  "\x01"};
    std::string out;
    for (int i = any_of(0, longest); i > 0; --i) out += pieces[std::size_t(any_of(0, 15))];
    return out;
}
inline std::string any_name() { return "n" + any_text(6); }

inline std::int64_t any_whole() {
    if (any_of(0, 3) > 0) return any_of(-1000, 1000);
    return *rc::gen::element(std::numeric_limits<std::int64_t>::min(), std::int64_t{-1} << 53,
                             (std::int64_t{1} << 53) + 1, std::numeric_limits<std::int64_t>::max());
}

/// Whole seconds of the years 1 to 9999.
inline Time any_time() {
    const auto seconds =
        maybe() ? 1'795'464'000 + std::int64_t{any_of(-4000, 4000)}
                : *rc::gen::element<std::int64_t>(-62'135'596'800, -1, 0, 1, 253'402'300'799);
    return Time(std::chrono::seconds(seconds));
}
inline std::optional<Time> any_time_or_none() {
    return maybe() ? std::optional(any_time()) : std::nullopt;
}

inline Offering any_offering() {
    return {any_text(), any_text(), any_text(), maybe() ? Capacity::spot : Capacity::on_demand};
}

/// Only the members of its kind.
inline Operation any_operation(const std::string& id) {
    Operation operation;
    operation.id = id;
    operation.kind = maybe() ? OperationKind::launch : OperationKind::remove;
    operation.epoch = any_whole();
    operation.since = any_time() + Milliseconds{any_of(0, 999)};
    operation.offering = any_offering();
    operation.instance_id = any_text();
    if (operation.kind == OperationKind::remove) {
        operation.reason = any_text();
        return operation;
    }
    operation.subnet = any_text();
    operation.launch_template = any_text();
    operation.launch_template_version = any_text();
    return operation;
}

inline AttributeMap any_attributes(int deepest = 3);

inline Attribute any_attribute(int deepest) {
    switch (any_of(0, deepest > 0 ? 3 : 2)) {
        case 0:
            return {maybe()};
        case 1:
            return {any_whole()};
        case 2:
            return {any_text()};
        default:
            return {any_attributes(deepest - 1)};
    }
}

inline AttributeMap any_attributes(int deepest) {
    AttributeMap out;
    for (int i = any_of(0, 5); i > 0; --i) out[any_name()] = any_attribute(deepest);
    return out;
}

inline RememberedInstance any_remembered() {
    RememberedInstance one;
    one.registered_at = any_time_or_none();
    one.notready_since = any_time_or_none();
    one.server_seen_at = any_time_or_none();
    one.first_seen_at = any_time_or_none();
    one.unwatched = std::chrono::seconds(any_of(0, 5000));
    one.registration_failed = maybe();
    one.refused_until = any_time_or_none();
    for (int i = any_of(0, 2); i > 0; --i)
        one.volumes.push_back({any_text(), any_text(), any_time_or_none()});
    one.opens_at = any_time_or_none();
    return one;
}

inline PodGroupMemory any_group() {
    PodGroupMemory group{any_text(), {}, any_time_or_none(), any_of(0, 9)};
    for (int i = any_of(0, 3); i > 0; --i) group.launched_epochs.push_back(any_of(1, 1'000'000));
    if (maybe()) group.refused = {{any_of(0, 9000)}, {any_of(0, 9000)}, 0};
    group.pods_vanished = maybe();
    return group;
}

inline Memory any_memory() {
    Memory memory;
    for (int i = any_of(0, 3); i > 0; --i) memory.instances[any_name()] = any_remembered();
    for (int i = any_of(0, 3); i > 0; --i)
        memory.unavailable_offerings.push_back(
            {any_offering(), any_time(), any_of(0, 9), any_text()});
    for (int i = any_of(0, 3); i > 0; --i) memory.groups.push_back(any_group());
    for (int i = any_of(0, 3); i > 0; --i)
        memory.allocatable[any_name()] = {{{any_of(0, 9000)}, {any_of(0, 9000)}, any_of(0, 110)},
                                          any_time()};
    for (int i = any_of(0, 4); i > 0; --i) memory.launches.push_back(any_time());
    for (auto* time : {&memory.nodes_seen_at, &memory.low_since, &memory.low_seen_at,
                       &memory.last_ready_at, &memory.last_removal_at})
        *time = any_time_or_none();
    memory.cooldown_doublings = any_of(0, 9);
    memory.removal_premature = maybe();
    memory.last_reason = any_text();
    memory.last_decision = any_text();
    for (int i = any_of(0, 2); i > 0; --i) memory.templates[any_name()] = any_time();
    for (int i = any_of(0, 2); i > 0; --i) memory.hidden_since[any_name()] = any_time();
    for (int i = any_of(0, 2); i > 0; --i) memory.unmatched_nodes.insert(any_name());
    return memory;
}

/// With as many decimals as are saved.
inline double any_number(int decimals) {
    double scale = 1;
    for (int i = 0; i < decimals; ++i) scale *= 10;
    return any_of(0, 100'000'000) / scale;
}
inline std::optional<double> any_number_or_none(int decimals) {
    return maybe() ? std::optional(any_number(decimals)) : std::nullopt;
}

inline std::vector<std::string> any_texts(int fewest = 0) {
    std::vector<std::string> out;
    for (int i = any_of(fewest, 3); i > 0; --i) out.push_back(any_text());
    return out;
}

inline SignalSummary any_signals() {
    SignalSummary out{any_number_or_none(1), any_number_or_none(1), any_number_or_none(3)};
    if (maybe()) out.pending_pods = any_whole();
    out.nodes_ready = any_of(0, 1000);
    out.nodes_other = any_of(0, 1000);
    out.nodes_booting = any_of(0, 1000);
    out.nodes_notready = any_of(0, 1000);
    for (int i = any_of(0, 2); i > 0; --i) out.unknown.push_back({any_text(), any_text()});
    return out;
}

inline Plan any_plan() {
    Plan plan;
    plan.now = any_time();
    plan.cluster = any_text();
    plan.decision = static_cast<DecisionKind>(any_of(0, 2));
    for (int i = any_of(0, 3); i > 0; --i)
        plan.reasons.push_back({static_cast<ReasonCode>(any_of(0, 29)), any_text()});
    plan.signals = any_signals();
    for (int i = any_of(0, 2); i > 0; --i)
        plan.launch.push_back({any_offering(), any_of(0, 100), any_number(6), {any_texts()}});
    // A node without pods has no key, since empty lists are not saved.
    for (int i = any_of(0, 2); i > 0; --i) plan.placed[any_name()] = any_texts(1);
    for (int i = any_of(0, 2); i > 0; --i)
        plan.remove.push_back({any_text(), any_text(), static_cast<RemovalCause>(any_of(0, 4))});
    for (int i = any_of(0, 2); i > 0; --i) plan.unplaceable.push_back({any_text(), any_text()});
    for (int i = any_of(0, 2); i > 0; --i) plan.kept.push_back({any_text(), any_text()});
    plan.totals = {any_of(0, 1000), any_whole(), any_number(6)};
    return plan;
}

inline Record any_record() {
    Record record{any_plan(), any_whole(), any_text(), {}};
    for (int i = any_of(0, 3); i > 0; --i) {
        record.done.push_back({any_text(), any_text(), any_text()});
        if (maybe()) record.done.back().error = any_text();
    }
    return record;
}

}  // namespace nodenap::test
