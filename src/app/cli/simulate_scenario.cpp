#include "app/cli/simulate_scenario.hpp"

#include "app/config_settings.hpp"

#include <array>
#include <utility>

namespace nodenap {
namespace {

constexpr std::array<const char*, 9> known_tables = {"scenario", "step",     "faults",
                                                     "limits",   "scale_up", "scale_down",
                                                     "reserve",  "pool",     "instance_type"};

void read_scenario_table(ConfigReader& reader, sim::Scenario& scenario) {
    reader.require("name");
    reader.read("name", scenario.name);
    reader.read("about", scenario.about);
    reader.read("length", scenario.length);
    reader.read("calm", scenario.calm);
    reader.read("wake_every", scenario.wake_every);
    reader.read("alert_after", scenario.alert_after);
    if (scenario.length < std::chrono::minutes(1)) reader.fault("length", "must be at least 1m");
    if (scenario.length > std::chrono::hours(24 * 7)) reader.fault("length", "may be at most 7d");
    if (scenario.wake_every < std::chrono::seconds(10)) {
        reader.fault("wake_every", "must be at least 10s");
    }
    if (scenario.alert_after.count() < 0) reader.fault("alert_after", "must not be negative");
}

void read_step(ConfigReader& reader, sim::Step& step) {
    auto& deployment = step.deployment;
    for (const char* key : {"at", "deployment", "replicas"}) reader.require(key);
    reader.read("at", step.at);
    reader.read("deployment", deployment.name);
    reader.read("replicas", deployment.replicas);
    reader.read("cpu_millicores", deployment.requests.cpu.value);
    reader.read("memory_mib", deployment.requests.memory.value);
    reader.read("uses_millicores", deployment.uses.value);
    reader.read("gated", deployment.gated);
    reader.read("fits_nowhere", deployment.fits_nowhere);
    if (deployment.replicas < 0 || deployment.replicas > 5000) {
        reader.fault("replicas", "must be 0 to 5000");
    }
    const auto& requests = deployment.requests;
    if (requests.cpu.value < 0) reader.fault("cpu_millicores", "must not be negative");
    if (requests.memory.value < 0) reader.fault("memory_mib", "must not be negative");
    if (deployment.uses.value < 0) reader.fault("uses_millicores", "must not be negative");
}

void read_faults(ConfigReader& reader, sim::Faults& into) {
    for (const auto& kind : sim::fault_kinds()) {
        double& chance = into.*kind.chance;
        reader.read(kind.name, chance);
        if (chance < 0 || chance > 1) reader.fault(kind.name, "is a probability: 0 to 1");
    }
}

/// A step that leaves something out means what the step before said of that deployment.
sim::Step after_the_last_of(const std::vector<sim::Step>& steps, const ConfigNode& table) {
    sim::Step step;
    step.deployment.requests = {{100}, {128}, 1};
    const auto* entries = std::get_if<ConfigTable>(&table.value);
    const auto named =
        entries == nullptr ? ConfigTable::const_iterator() : entries->find("deployment");
    if (entries == nullptr || named == entries->end()) return step;
    const auto* name = std::get_if<std::string>(&named->second.value);
    for (const auto& each : steps) {
        if (name != nullptr && each.deployment.name == *name) step.deployment = each.deployment;
    }
    return step;
}

void read_steps(const ConfigTable& root, sim::Scenario& scenario, ConfigFaults& faults) {
    const auto found = root.find("step");
    if (found == root.end()) return;
    const auto* list = std::get_if<ConfigList>(&found->second.value);
    if (list == nullptr)
        return faults.add(found->second.line, "step", "must be written as [[step]]");
    for (std::size_t at = 0; at < list->size(); ++at) {
        ConfigReader reader((*list)[at], "step[" + std::to_string(at) + "]", faults);
        auto step = after_the_last_of(scenario.steps, (*list)[at]);
        read_step(reader, step);
        reader.finish();
        scenario.steps.push_back(std::move(step));
    }
}

void check_names(const ConfigTable& root, ConfigFaults& faults) {
    const ConfigNode whole{1, root};
    ConfigReader reader(whole, "", faults);
    for (const char* name : known_tables) reader.ignore(name);
    reader.finish();
}

void read_nodes(const ConfigTable& root, sim::Scenario& scenario, ConfigFaults& faults) {
    auto& policy = scenario.settings.policy;
    auto plain = sim::plain_settings();
    scenario.settings = plain;
    policy.catalogue = built_in_instance_types();
    if (root.contains("pool")) policy.pools.clear();
    read_whole_policy(root, policy, faults);
}

}  // namespace

LoadedScenario load_scenario(const std::string& file) {
    const auto text = read_file(file);
    if (!text) return {{}, {text.error().text}, {{0, "", text.error().text}}};
    return read_scenario(file, *text);
}

LoadedScenario read_scenario(const std::string& file, std::string_view text) {
    LoadedScenario loaded;
    const auto document = parse_config_document(text);
    ConfigFaults faults;
    if (!document.error.empty()) {
        faults.add(document.error_line, "", "syntax error: " + document.error);
        return {{}, faults.lines(file), faults.diagnostics()};
    }
    check_names(document.root, faults);
    in_table(document.root, "scenario", faults,
             [&](ConfigReader& reader) { read_scenario_table(reader, loaded.scenario); });
    in_table(document.root, "faults", faults,
             [&](ConfigReader& reader) { read_faults(reader, loaded.scenario.faults); });
    read_nodes(document.root, loaded.scenario, faults);
    read_steps(document.root, loaded.scenario, faults);
    loaded.faults = faults.lines(file);
    loaded.diagnostics = faults.diagnostics();
    return loaded;
}

void use_settings(sim::Scenario& scenario, const Settings& own) {
    auto& settings = scenario.settings;
    settings.policy = own.policy;
    settings.relook = own.relook;
    settings.metrics.max_age = own.metrics.max_age;
    if (settings.policy.mode == Mode::observe) settings.policy.mode = Mode::act;
    settings.policy.scale_up.memory_above_percent = 0;
}

}  // namespace nodenap
