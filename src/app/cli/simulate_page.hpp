#pragma once

#include "sim/simulation.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// What came of a scenario under one set of rules.
struct PolicyRun {
    sim::Rules rules = sim::Rules::nodenap;
    sim::RunResult run_result;  // with its samples and decisions
};

/// One file for a browser, which asks no network for anything: plots, decisions and broken promises
/// of each story, one below the other on the same scales. `command` is what makes the page again.
std::string run_page(const sim::Scenario& scenario, const std::vector<PolicyRun>& run_results,
                     std::string_view command);

/// `word` as a shell reads it back: in quotes where it holds more than letters, digits and a few
/// marks.
std::string shell_word(std::string_view word);

}  // namespace nodenap
