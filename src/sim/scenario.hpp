#pragma once

#include "controller/settings.hpp"
#include "sim/faults/faults.hpp"
#include "sim/world/cluster.hpp"

#include <string>
#include <vector>

namespace nodenap::sim {

/// A change of the load by a user; the time is relative to the start of the run.
struct Step {
    Milliseconds at{0};
    Deployment deployment;
};

/// Which scaler decides: Nodenap or the baseline for comparison.
enum class Rules { nodenap, baseline };

/// A scenario: a configuration, a load and the injected faults.
struct Scenario {
    std::string name;
    std::string about;  // a sentence for people
    Settings settings;
    Rules rules = Rules::nodenap;
    std::vector<Step> steps;
    Faults faults;
    Milliseconds length = std::chrono::hours(2);
    /// For this long after `length` no faults are injected; then the steady state is checked.
    Milliseconds calm{0};
    Milliseconds wake_every = std::chrono::minutes(2);
    /// The Prometheus alert triggers Nodenap this long after pods became unschedulable, as in
    /// production (the scrape and the rule's evaluation 15 s each, `for: 15s`, `group_wait: 5s`);
    /// 0: never.
    Milliseconds alert_after = std::chrono::seconds(40);
};

/// A random scenario by seed: limits, pools, load and any fault of the table.
Scenario make_up_scenario(std::uint64_t seed);

/// Two types, one pool, no faults: the base of chaos scenarios and of tests.
Settings plain_settings();

}  // namespace nodenap::sim
