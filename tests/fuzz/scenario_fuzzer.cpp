// A scenario file for `nodenap simulate`.

#include "app/cli/simulate_scenario.hpp"
#include "fuzz/places.hpp"

namespace nodenap::fuzz {
namespace {

void claim_step(const sim::Step& step) {
    constexpr std::int64_t most = std::int64_t{1} << 40;
    const auto& deployment = step.deployment;
    claim(step.at.count() >= 0, "a step comes after the beginning");
    claim(!deployment.name.empty(), "a deployment has a name");
    claim(deployment.replicas >= 0 && deployment.replicas <= 5000, "replicas are a number");
    for (const auto value :
         {deployment.requests.cpu.value, deployment.requests.memory.value, deployment.uses.value})
        claim(value >= 0 && value <= most, "a pod asks for what can be reckoned with");
}

}  // namespace

void try_input(std::string_view input) {
    const auto loaded = read_scenario("fuzz.toml", input);
    claim_places(loaded.faults, input);
    if (!loaded.faults.empty()) return;
    const auto& scenario = loaded.scenario;
    claim(!scenario.name.empty(), "a story has a name");
    claim(check(scenario.settings.policy).empty(), "a story has a policy without a fault");
    claim(scenario.length >= std::chrono::minutes(1), "a story has a length");
    claim(scenario.calm.count() >= 0, "a story has an end");
    for (const auto& kind : sim::fault_kinds()) {
        const double chance = scenario.faults.*kind.chance;
        claim(chance >= 0 && chance <= 1, "a chance is a probability");
    }
    for (const auto& step : scenario.steps) claim_step(step);
}

}  // namespace nodenap::fuzz
