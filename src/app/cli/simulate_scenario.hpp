#pragma once

#include "app/config_document.hpp"
#include "sim/scenario.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// A scenario file, or all that is wrong in it, each fault as "FILE:LINE: key: what is wrong".
struct LoadedScenario {
    sim::Scenario scenario;
    std::vector<std::string> faults;
    std::vector<Diagnostic> diagnostics = {};  // the same in parts
};

/// The tables are [scenario], [[step]] and [faults], and those of nodenap.toml that say what is
/// wanted of the nodes: [limits], [scale_up], [scale_down], [reserve], [[pool]],
/// [[instance_type]]. Without a pool there is one of t2.small in two zones.
LoadedScenario load_scenario(const std::string& file);
/// The same of its text; `file` is its name in messages.
LoadedScenario read_scenario(const std::string& file, std::string_view text);

/// The scenario's load and faults under the policy of a nodenap.toml: what would be done, so it
/// acts where the file only observes; memory, which no simulated Prometheus measures, is not asked
/// for.
void use_settings(sim::Scenario& scenario, const Settings& own);

}  // namespace nodenap
