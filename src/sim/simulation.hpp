#pragma once

#include "sim/scenario.hpp"
#include "sim/world/trace.hpp"
#include "sim/world/world.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
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
    std::map<std::string, int> types = {};  // instance type → how many of `alive`
};

/// A spot interruption notice that an instance got.
struct Interruption {
    Time at{};
    std::string instance;
    std::string instance_type;
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
    std::vector<Interruption> interruptions;
    std::int64_t waited_pods = 0;    // of the samples: pods that waited for a node in any
    double median_wait_seconds = 0;  // of those
    double longest_wait_seconds = 0;
    bool stopped = false;  // before its end: this is the part that ran
    Time ended_at{};
};

/// Which details of a run are kept.
struct Keep {
    bool trace = false;
    bool samples = false;                     // and decisions
    const std::atomic<bool>* stop = nullptr;  // ends the run early once it is true
};

/// Runs the production loop through the scenario. The same scenario and seed produce the same run,
/// line by line; runs with and without the adapters differ.
RunResult simulate(const Scenario& scenario, std::uint64_t seed, const Keep& keep,
                   const MakeWirings& make_wirings = {});

}  // namespace nodenap::sim
