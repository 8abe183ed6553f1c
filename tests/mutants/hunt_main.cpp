// One program per mutant, linked with its mutated object: finds the first chaos world in which a
// promise is broken, and prints one line.
//
//     hunt FROM TO [article] [FAULT=CHANCE…]    "SEED PROMISE… | the first breach", or "none
//     PASSES"
//
// Each FAULT gets this probability instead of the seed's.

#include "sim/simulation.hpp"

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace nodenap::sim;

void say(const RunResult& run_result) {
    std::set<std::string> promises;
    for (const auto& breach : run_result.breaches) promises.insert(breach.promise);
    std::cout << run_result.seed;
    for (const auto& promise : promises) std::cout << ' ' << promise;
    const auto& first = run_result.breaches.front();
    std::cout << " | " << first.promise << ": " << first.text << '\n';
}

/// False if there is no such fault.
bool set_fault(Faults& faults, const std::string& word) {
    const auto cut = word.find('=');
    for (const auto& kind : fault_kinds()) {
        if (cut == std::string::npos || word.substr(0, cut) != kind.name) continue;
        faults.*kind.chance = std::strtod(word.c_str() + cut + 1, nullptr);
        return true;
    }
    return false;
}

bool apply_word(Scenario& scenario, const std::string& word) {
    if (word != "article") return set_fault(scenario.faults, word);
    scenario.rules = Rules::baseline;
    return true;
}

/// False for an unknown argument.
bool hunt(std::uint64_t from, std::uint64_t to, const std::vector<std::string>& words) {
    std::int64_t passes = 0;
    for (std::uint64_t seed = from; seed <= to; ++seed) {
        auto scenario = make_up_scenario(seed);
        for (const auto& word : words) {
            if (!apply_word(scenario, word)) return false;
        }
        const auto run_result = simulate(scenario, seed, {});
        passes += run_result.passes;
        if (run_result.breaches.empty()) continue;
        say(run_result);
        return true;
    }
    std::cout << "none " << passes << '\n';
    return true;
}

}  // namespace

int main(int count, char** words) {
    if (count < 3) return EXIT_FAILURE;
    const auto from = std::strtoull(words[1], nullptr, 10);
    const auto to = std::strtoull(words[2], nullptr, 10);
    return hunt(from, to, {words + 3, words + count}) ? EXIT_SUCCESS : EXIT_FAILURE;
}
