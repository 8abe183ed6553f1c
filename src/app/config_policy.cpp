#include "app/config_settings.hpp"

#include "decide/explain.hpp"

#include <fmt/format.h>

#include <iterator>

namespace nodenap {
namespace {

const ConfigReader::Words<Mode> mode_words = {
    {"observe", Mode::observe}, {"add_only", Mode::add_only}, {"act", Mode::act}};
const ConfigReader::Words<Victim> victim_words = {
    {"saving", Victim::saving}, {"oldest", Victim::oldest}, {"cheapest", Victim::saving}};
const ConfigReader::Words<WithoutDrain> drain_words = {{"empty", WithoutDrain::empty},
                                                       {"any", WithoutDrain::any}};
const ConfigReader::Words<CapacityChoice> capacity_words = {
    {"on-demand", CapacityChoice::on_demand},
    {"spot", CapacityChoice::spot},
    {"spot-then-on-demand", CapacityChoice::spot_then_on_demand}};

void read_limits(ConfigReader& reader, Limits& limits) {
    reader.read("min_nodes", limits.min_nodes);
    reader.read("max_nodes", limits.max_nodes);
    reader.read("max_price_per_hour_usd", limits.max_price_per_hour_usd);
    reader.read("max_launches_per_pass", limits.max_launches_per_pass);
    reader.read("max_launches_per_hour", limits.max_launches_per_hour);
}

void read_scale_up(ConfigReader& reader, ScaleUp& up) {
    reader.read("cpu_above_percent", up.cpu_above_percent);
    reader.read("memory_above_percent", up.memory_above_percent);
    reader.read("cpu_window", up.cpu_window);
    reader.read("pending_for", up.pending_for);
    reader.read("join_timeout", up.join_timeout);
}

void read_scale_down(ConfigReader& reader, ScaleDown& down) {
    reader.read("cpu_below_percent", down.cpu_below_percent);
    reader.read("requested_below_percent", down.requested_below_percent);
    reader.read("unneeded_for", down.unneeded_for);
    reader.read("cooldown", down.cooldown);
    reader.read("drain_timeout", down.drain_timeout);
    reader.read("max_removals_per_pass", down.max_removals_per_pass);
    reader.read("max_empty_removals_per_pass", down.max_empty_removals_per_pass);
    reader.read("victim", down.victim, victim_words);
    reader.read("without_drain", down.without_drain, drain_words);
}

void read_reserve(ConfigReader& reader, Reserve& reserve) {
    reader.read("cpu_millicores", reserve.cpu.value);
    reader.read("memory_mib", reserve.memory.value);
    reader.read("price_per_hour_usd", reserve.price_per_hour_usd);
}

/// Each subnet with its zone. Where the two lists differ in length nothing more is said of them.
std::vector<Subnet> read_subnets(ConfigReader& reader, ConfigFaults& faults) {
    std::vector<std::string> ids;
    std::vector<std::string> zones;
    reader.read("subnets", ids);
    reader.read("zones", zones);
    if (reader.has("subnets") && reader.has("zones") && ids.size() != zones.size()) {
        reader.fault("zones", fmt::format("names {} for {}; write the zone of each subnet, in the "
                                          "same order",
                                          counted(std::ssize(zones), "zone"),
                                          counted(std::ssize(ids), "subnet")));
        faults.silence(reader.path_of("subnets"));
    }
    if (!reader.has("zones")) faults.silence(reader.path_of("subnets"));
    std::vector<Subnet> subnets;
    for (std::size_t at = 0; at < std::min(ids.size(), zones.size()); ++at) {
        subnets.push_back({ids[at], zones[at]});
    }
    return subnets;
}

Pool read_pool(ConfigReader& reader, const Limits& limits, ConfigFaults& faults) {
    Pool pool;
    pool.max_nodes = limits.max_nodes;
    for (const char* key : {"name", "launch_template", "launch_template_version", "subnets",
                            "zones", "instance_types"}) {
        reader.require(key);
    }
    reader.read("name", pool.name);
    reader.read("launch_template", pool.launch_template);
    reader.read("launch_template_version", pool.launch_template_version);
    pool.subnets = read_subnets(reader, faults);
    reader.read("instance_types", pool.instance_types);
    reader.read("capacity", pool.capacity, capacity_words);
    reader.read("min_nodes", pool.min_nodes);
    reader.read("max_nodes", pool.max_nodes);
    reader.read("max_pods", pool.max_pods);
    reader.read("labels", pool.labels);
    reader.read("taints", pool.taints);
    if (reader.has("weight")) {
        reader.fault("weight", "is reserved for a later version; leave it out");
        reader.ignore("weight");
    }
    return pool;
}

InstanceType read_instance_type(ConfigReader& reader) {
    InstanceType type;
    for (const char* key : {"name", "vcpu", "memory_mib", "price_per_hour_usd"}) {
        reader.require(key);
    }
    reader.read("name", type.name);
    reader.read("vcpu", type.vcpu);
    reader.read("memory_mib", type.memory.value);
    reader.read("architecture", type.architecture);
    reader.read("baseline_percent", type.baseline_percent);
    reader.read("price_per_hour_usd", type.price_per_hour_usd);
    reader.read("max_pods", type.max_pods);
    return type;
}

}  // namespace

void read_policy(const ConfigTable& root, Policy& policy, ConfigFaults& faults) {
    in_table(root, "limits", faults, [&](ConfigReader& r) { read_limits(r, policy.limits); });
    in_table(root, "scale_up", faults, [&](ConfigReader& r) { read_scale_up(r, policy.scale_up); });
    in_table(root, "scale_down", faults,
             [&](ConfigReader& r) { read_scale_down(r, policy.scale_down); });
    in_table(root, "reserve", faults, [&](ConfigReader& r) { read_reserve(r, policy.reserve); });
}

void read_mode(ConfigReader& reader, Mode& mode) { reader.read("mode", mode, mode_words); }

void read_pools(const ConfigTable& root, Policy& policy, ConfigFaults& faults) {
    in_each(root, "pool", faults, [&](ConfigReader& reader) {
        policy.pools.push_back(read_pool(reader, policy.limits, faults));
    });
}

void read_instance_types(const ConfigTable& root, Catalogue& catalogue, ConfigFaults& faults) {
    in_each(root, "instance_type", faults,
            [&](ConfigReader& reader) { catalogue.add(read_instance_type(reader)); });
}

}  // namespace nodenap
