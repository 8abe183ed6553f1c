#pragma once

#include "app/cli/terminal.hpp"
#include "sim/simulation.hpp"

#include <string>
#include <vector>

namespace nodenap {

/// One scenario, told for people: what was decided and why, what it cost, which promises broke.
std::string run_text(const sim::Scenario& scenario, const sim::RunResult& run_result,
                     const Style& style);

/// The same as JSON: the totals, `samples`, `decisions` (plan objects), `broken`, `trace`.
std::string run_json(const sim::Scenario& scenario, const sim::RunResult& run_result);

/// Many seeds of one scenario under the same rules, summed up.
struct Summary {
    std::string rules;  // "nodenap", "article"
    std::int64_t seeds = 0;
    std::int64_t seeds_with_adapters = 0;
    std::int64_t seeds_broken = 0;
    std::int64_t passes = 0;
    bool sampled = false;  // the next three are known
    double node_hours = 0;
    double dollars = 0;
    double pending_pod_seconds = 0;
    std::map<std::string, std::int64_t> broken;  // promise → seeds in which it was
    std::vector<std::string> examples;           // "seed 7, 00:31:00: I5: …", the first few

    void add(const sim::RunResult& run_result);
};

std::string tallies_text(const sim::Scenario& scenario, const std::vector<Summary>& tallies,
                         const Style& style);
std::string tallies_json(const sim::Scenario& scenario, const std::vector<Summary>& tallies);

/// What one seed decided and did, as sim::Fingerprint counts it.
struct SeedFingerprint {
    std::uint64_t seed = 0;
    std::uint64_t fingerprint = 0;
};

/// A line each: "17 0123456789abcdef".
std::string fingerprints_text(const std::vector<SeedFingerprint>& fingerprints);
std::string fingerprints_json(const sim::Scenario& scenario,
                              const std::vector<SeedFingerprint>& fingerprints);

}  // namespace nodenap
