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

/// How things stood at one moment, and for `sampled_every` from then on.
struct Sample {
    Time at{};
    int alive = 0;  // instances of ours that cost money
    int ready = 0;  // and are Nodes that can hold pods
    int running_pods = 0;
    int waiting_pods = 0;
    double price_per_hour_usd = 0;
    std::optional<double> cpu_percent;
};

/// What came of one run.
struct RunResult {
    std::uint64_t seed = 0;
    bool wired = false;  // by somebody else: the adapters ran too
    Faults faults;
    std::int64_t passes = 0;
    std::uint64_t fingerprint = 0;
    int launches = 0;
    int removals = 0;
    double node_hours = 0;
    double dollars = 0;
    double pending_pod_seconds = 0;
    std::vector<Breach> breaches;
    std::vector<Sample> samples;    // where told to keep them
    std::vector<Record> decisions;  // likewise: that did something or gave a new reason
    std::vector<Trace::Line> trace;
};

/// How much of a run is kept.
struct Keep {
    bool trace = false;
    bool samples = false;  // and decisions
};

/// Runs the production loop through the scenario. The same scenario and seed give the same story,
/// line by line; wired otherwise, another one.
RunResult simulate(const Scenario& scenario, std::uint64_t seed, const Keep& keep,
                   const MakeWirings& make_wirings = {});

}  // namespace nodenap::sim
