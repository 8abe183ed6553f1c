// The configuration file: from its bytes to the policy, or to all its errors.

#include "app/config.hpp"
#include "fuzz/places.hpp"

namespace nodenap::fuzz {
namespace {

void claim_settings(const Settings& settings, Program program) {
    claim(check(settings.policy).empty(), "a file without a fault is a policy without one");
    claim(!settings.cluster.empty() && settings.cluster.size() <= 64, "a cluster has a name");
    claim(!settings.region.empty(), "a cluster is in a region");
    claim(settings.metrics.url.starts_with("http"), "Prometheus has an address");
    claim(settings.metrics.timeout.count() > 0 && settings.metrics.timeout <= longest_call,
          "Prometheus is waited for, and not for long");
    claim(settings.metrics.max_age.count() > 0, "what is trusted has an age");
    const bool in_file = !settings.state.sqlite_path.empty();
    claim(in_file != !settings.state.dynamodb_table.empty(), "the state has one place");
    claim(program == Program::command || !in_file, "the function keeps no file");
    claim(settings.relook.every.count() > 0 && settings.relook.span <= longest_invocation,
          "a relook comes to an end");
    const auto& policy = settings.policy;
    for (const auto& pool : policy.pools) {
        for (const auto& name : pool.instance_types) {
            const auto room = template_allocatable(policy, pool, *find_type(policy, name));
            claim(room.cpu.value > 0 && room.memory.value > 0 && room.pods > 0,
                  "a node has room for a pod");
        }
    }
}

}  // namespace

void try_input(std::string_view input) {
    for (const auto program : {Program::command, Program::function}) {
        const auto loaded = read_config({"fuzz.toml", std::string(input), "", program});
        claim_places(loaded.faults, input);
        if (loaded.faults.empty()) claim_settings(loaded.settings, program);
    }
}

}  // namespace nodenap::fuzz
