#include "model/policy.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace nodenap {
namespace {

using Faults = std::vector<PolicyFault>;

void require(Faults& faults, bool holds, std::string key, std::string text) {
    if (!holds) faults.push_back({std::move(key), std::move(text)});
}

void require_percent(Faults& faults, double value, std::string key) {
    require(faults, value >= 0 && value <= 100, std::move(key), "must be from 0 to 100");
}

void check_limits(Faults& faults, const Limits& limits) {
    require(faults, limits.min_nodes >= 0, "limits.min_nodes", "must not be negative");
    require(faults, limits.max_nodes >= 1, "limits.max_nodes", "must be at least 1");
    require(faults, limits.min_nodes <= limits.max_nodes, "limits.min_nodes",
            "must not be above max_nodes");
    require(faults, limits.max_price_per_hour_usd >= 0, "limits.max_price_per_hour_usd",
            "must not be negative (0: no limit)");
    require(faults, limits.max_launches_per_pass >= 1, "limits.max_launches_per_pass",
            "must be from 1 to 100");
    require(faults, limits.max_launches_per_hour >= 1, "limits.max_launches_per_hour",
            "must be at least 1");
}

void check_scale_up(Faults& faults, const ScaleUp& up) {
    require(faults, up.cpu_above_percent > 0 && up.cpu_above_percent <= 100,
            "scale_up.cpu_above_percent", "must be above 0 and at most 100");
    require_percent(faults, up.memory_above_percent, "scale_up.memory_above_percent");
    require(faults, up.cpu_window >= std::chrono::seconds(5), "scale_up.cpu_window",
            "must be at least 5s, so that it contains two samples");
    require(faults, up.pending_for.count() >= 0, "scale_up.pending_for", "must not be negative");
    require(faults, up.join_timeout.count() > 0, "scale_up.join_timeout", "must be above 0s");
}

void check_scale_down(Faults& faults, const Policy& policy) {
    const auto& down = policy.scale_down;
    require_percent(faults, down.cpu_below_percent, "scale_down.cpu_below_percent");
    require(faults, down.cpu_below_percent < policy.scale_up.cpu_above_percent,
            "scale_down.cpu_below_percent",
            "must be below scale_up.cpu_above_percent, otherwise nodes would flap");
    require_percent(faults, down.requested_below_percent, "scale_down.requested_below_percent");
    require(faults, down.unneeded_for.count() >= 0, "scale_down.unneeded_for",
            "must not be negative");
    require(faults, down.cooldown.count() >= 0, "scale_down.cooldown", "must not be negative");
    require(faults, down.drain_timeout.count() > 0, "scale_down.drain_timeout", "must be above 0s");
    require(faults, down.max_removals_per_pass >= 1, "scale_down.max_removals_per_pass",
            "must be at least 1");
    require(faults, down.max_empty_removals_per_pass >= 1, "scale_down.max_empty_removals_per_pass",
            "must be at least 1");
}

void check_reserve(Faults& faults, const Reserve& reserve) {
    require(faults, reserve.cpu.value >= 0, "reserve.cpu_millicores", "must not be negative");
    require(faults, reserve.memory.value >= 0, "reserve.memory_mib", "must not be negative");
    require(faults, reserve.price_per_hour_usd >= 0, "reserve.price_per_hour_usd",
            "must not be negative");
}

bool is_number(const std::string& text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_launch_template_id(const std::string& text) {
    const auto is_plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); };
    return text.size() > 3 && text.starts_with("lt-") &&
           std::all_of(text.begin() + 3, text.end(), is_plain);
}

bool is_taint(const std::string& taint) {
    const auto colon = taint.rfind(':');
    if (colon == std::string::npos || colon == 0 || taint.front() == '=') return false;
    const auto effect = taint.substr(colon + 1);
    return effect == "NoSchedule" || effect == "PreferNoSchedule" || effect == "NoExecute";
}

void check_pool_types(Faults& faults, const Policy& policy, const Pool& pool,
                      const std::string& at) {
    require(faults, !pool.instance_types.empty(), at + ".instance_types",
            "must name at least one type");
    std::set<std::string> seen;
    for (const auto& name : pool.instance_types) {
        require(faults, seen.insert(name).second, at + ".instance_types",
                "names " + name + " twice");
        const auto* type = find_type(policy, name);
        require(faults, type != nullptr, at + ".instance_types",
                "names " + name + ", which is not a known instance type; add an [[instance_type]]");
        if (type == nullptr) continue;
        const auto room = template_allocatable(policy, pool, *type);
        require(faults, room.cpu.value > 0 && room.memory.value > 0, at + ".instance_types",
                "names " + name + ", which has no resources left for pods after [reserve]");
    }
}

bool mixes_architectures(const Policy& policy, const Pool& pool) {
    std::set<std::string> architectures;
    for (const auto& name : pool.instance_types)
        if (const auto* type = find_type(policy, name)) architectures.insert(type->architecture);
    return architectures.size() > 1;
}

void check_pool(Faults& faults, const Policy& policy, const Pool& pool, const std::string& at) {
    require(faults, !pool.name.empty(), at + ".name", "must not be empty");
    require(faults, is_launch_template_id(pool.launch_template), at + ".launch_template",
            "must be an id such as \"lt-0abc\", not a name");
    require(
        faults, is_number(pool.launch_template_version), at + ".launch_template_version",
        "must be a fixed version number; \"$Latest\" and \"$Default\" can change without notice");
    require(faults, !pool.subnets.empty(), at + ".subnets", "must name at least one subnet");
    std::set<std::string> ids;
    std::set<std::string> zones;
    for (const auto& subnet : pool.subnets) {
        require(faults, !subnet.id.empty(), at + ".subnets", "must not be empty");
        require(faults, ids.insert(subnet.id).second, at + ".subnets",
                "names " + subnet.id + " twice");
        require(faults, !subnet.zone.empty(), at + ".zones", "must not be empty");
        require(faults, zones.insert(subnet.zone).second, at + ".zones",
                "names " + subnet.zone + " twice");
    }
    require(faults, pool.min_nodes >= 0, at + ".min_nodes", "must not be negative");
    require(faults, pool.min_nodes <= pool.max_nodes, at + ".min_nodes",
            "must not be above the pool's max_nodes");
    require(faults, pool.max_pods >= 1, at + ".max_pods", "must be at least 1");
    for (const auto& taint : pool.taints) {
        require(faults, is_taint(taint), at + ".taints",
                "has \"" + taint + "\"; write key=value:NoSchedule");
    }
    check_pool_types(faults, policy, pool, at);
}

void check_pools(Faults& faults, const Policy& policy) {
    require(faults, !policy.pools.empty(), "pool", "at least one [[pool]] is required");
    std::set<std::string> names;
    std::int64_t least = 0;
    std::int64_t most = 0;
    for (std::size_t i = 0; i < policy.pools.size(); ++i) {
        const auto& pool = policy.pools[i];
        const auto at = "pool[" + std::to_string(i) + "]";
        check_pool(faults, policy, pool, at);
        require(faults, names.insert(pool.name).second, at + ".name",
                "\"" + pool.name + "\" is used by another pool");
        least += pool.min_nodes;
        most += pool.max_nodes;
    }
    if (policy.pools.empty()) return;
    require(faults, least <= policy.limits.max_nodes, "limits.max_nodes",
            "is below the sum of the pools' min_nodes");
    require(faults, most >= policy.limits.min_nodes, "limits.min_nodes",
            "is above the sum of the pools' max_nodes");
}

void check_catalogue(Faults& faults, const Policy& policy) {
    for (const auto& type : policy.catalogue) {
        const auto at = "instance_type[" + type.name + "]";
        require(faults, !type.name.empty(), at + ".name", "must not be empty");
        require(faults, type.vcpu >= 1, at + ".vcpu", "must be at least 1");
        require(faults, type.memory.value >= 1, at + ".memory_mib", "must be at least 1");
        require(faults, type.price_per_hour_usd >= 0, at + ".price_per_hour_usd",
                "must not be negative");
        require(faults, type.architecture == "x86_64" || type.architecture == "arm64",
                at + ".architecture", "must be \"x86_64\" or \"arm64\"");
        require(faults, type.max_pods >= 1, at + ".max_pods", "must be at least 1");
    }
}

}  // namespace

Catalogue::Catalogue(std::initializer_list<InstanceType> types) {
    for (const auto& type : types) add(type);
}

void Catalogue::add(InstanceType type) {
    const auto at = std::ranges::lower_bound(types_, type.name, {}, &InstanceType::name);
    if (at != types_.end() && at->name == type.name) {
        *at = std::move(type);
    } else {
        types_.insert(at, std::move(type));
    }
}

const InstanceType* Catalogue::find(std::string_view name) const {
    const auto at = std::ranges::lower_bound(types_, name, {}, &InstanceType::name);
    return at != types_.end() && at->name == name ? &*at : nullptr;
}

std::vector<PolicyFault> check_offline(const Policy& policy) {
    Faults faults;
    check_limits(faults, policy.limits);
    check_scale_up(faults, policy.scale_up);
    check_scale_down(faults, policy);
    check_reserve(faults, policy.reserve);
    check_pools(faults, policy);
    check_catalogue(faults, policy);
    return faults;
}

std::vector<PolicyFault> check(const Policy& policy) {
    auto faults = check_offline(policy);
    const auto& limits = policy.limits;
    require(faults, limits.max_nodes <= 1000, "limits.max_nodes", "must be at most 1000");
    // All operations of a pass are written to one item in one request.
    require(faults, limits.max_launches_per_pass <= 100, "limits.max_launches_per_pass",
            "must be from 1 to 100");
    for (std::size_t i = 0; i < policy.pools.size(); ++i) {
        const auto at = "pool[" + std::to_string(i) + "]";
        require(faults, policy.pools[i].max_nodes <= 1000, at + ".max_nodes",
                "must be at most 1000");
        require(faults, !mixes_architectures(policy, policy.pools[i]), at + ".instance_types",
                "mixes architectures, but a launch template has only one image");
    }
    return faults;
}

const InstanceType* find_type(const Policy& policy, std::string_view name) {
    return policy.catalogue.find(name);
}

const Pool* find_pool(const Policy& policy, std::string_view name) {
    const auto found = std::ranges::find(policy.pools, name, &Pool::name);
    return found == policy.pools.end() ? nullptr : &*found;
}

Resources template_allocatable(const Policy& policy, const Pool& pool, const InstanceType& type) {
    return {Millicores{std::int64_t{type.vcpu} * 1000} - policy.reserve.cpu,
            type.memory - policy.reserve.memory, std::min(pool.max_pods, type.max_pods)};
}

double node_price_per_hour_usd(const Policy& policy, const InstanceType& type) {
    return type.price_per_hour_usd + policy.reserve.price_per_hour_usd;
}

}  // namespace nodenap
