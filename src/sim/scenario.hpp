#pragma once

#include "controller/settings.hpp"
#include "sim/faults/faults.hpp"
#include "sim/world/cluster.hpp"

#include <string>
#include <vector>

namespace nodenap::sim {

/// What a person does to the load, and when, counted from the beginning.
struct Step {
    Milliseconds at{0};
    Deployment deployment;
};

/// Whose rules decide: ours, or those of the article, to be compared with.
enum class Rules { nodenap, article };

/// One story: a configuration, a load and what goes wrong meanwhile.
struct Scenario {
    std::string name;
    std::string about;  // a sentence for people
    Settings settings;
    Rules rules = Rules::nodenap;
    std::vector<Step> steps;
    Faults faults;
    Milliseconds length = std::chrono::hours(2);
    /// After `length` nothing goes wrong any more for so long, and then all must be well.
    Milliseconds calm{0};
    Milliseconds wake_every = std::chrono::minutes(2);
    /// Prometheus' alert wakes Nodenap so long after pods became unschedulable, as in production
    /// (the scrape and the rule's evaluation 15 s each, `for: 15s`, `group_wait: 5s`); 0: never.
    Milliseconds alert_after = std::chrono::seconds(40);
};

/// A story that the seed makes up: limits, pools, load and every fault of the table.
Scenario make_up_scenario(std::uint64_t seed);

/// Two types, one pool, no faults: what the stories of chaos begin with, and a base for tests.
Settings plain_settings();

}  // namespace nodenap::sim
