#pragma once

#include "sim/scenario.hpp"
#include "sim/world/trace.hpp"
#include "sim/world/world.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace nodenap::sim {

inline constexpr Milliseconds sampled_every = std::chrono::seconds(30);

/// The state of the cluster at one moment, valid for `sampled_every`.
struct Sample {
    Time at{};
    int alive = 0;  // workers that cost money
    int ready = 0;  // workers that can run pods
    int running_pods = 0;
    int waiting_pods = 0;
    double price_per_hour_usd = 0;
    std::optional<double> cpu_percent;
};

/// The result of one run.
struct RunResult {
    std::uint64_t seed = 0;
    bool wired = false;  // ran with the production adapters
    Faults faults;
    std::int64_t passes = 0;
    std::uint64_t fingerprint = 0;
    int launches = 0;
    int removals = 0;
    double node_hours = 0;
    double dollars = 0;
    double pending_pod_seconds = 0;
    std::vector<Breach> breaches;
    std::vector<Sample> samples;    // if Keep::samples is set
    std::vector<Record> decisions;  // likewise: those with effects or a new reason
    std::vector<Trace::Line> trace;
};

/// Which details of a run are kept.
struct Keep {
    bool trace = false;
    bool samples = false;  // and decisions
};

/// Runs the production loop through the scenario. The same scenario and seed produce the same run,
/// line by line; runs with and without the adapters differ.
RunResult simulate(const Scenario& scenario, std::uint64_t seed, const Keep& keep,
                   const MakeWirings& make_wirings = {});

}  // namespace nodenap::sim
