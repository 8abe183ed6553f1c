#include "app/cli/options.hpp"
#include "app/cli/simulate_report.hpp"
#include "app/cli/simulate_scenario.hpp"
#include "app/servers/wiring_servers.hpp"

#include <fmt/format.h>

#include <memory>

namespace nodenap {
namespace {

constexpr const char* chaos = "chaos";

struct SimulateOptions {
    std::string scenario;
    std::uint64_t seed = 1;
    std::int64_t seeds = 1;
    bool trace = false;
    bool adapters = false;
    std::string compare;
};

/// Of a hundred stories that are made up one goes through the production adapters: they take time.
constexpr std::uint64_t adapters_in_one_of = 100;

/// Of chaos each seed makes a story of its own; a file tells the same one with other dice.
sim::Scenario scenario_of(const sim::Scenario& told, std::uint64_t seed, sim::Rules rules) {
    auto scenario = told.name == chaos ? sim::make_up_scenario(seed) : told;
    scenario.rules = rules;
    return scenario;
}

sim::Story simulated(const SimulateOptions& options, const sim::Scenario& scenario,
                     std::uint64_t seed, const sim::Keep& keep) {
    const bool by_its_seed = scenario.name == chaos && seed % adapters_in_one_of == 0;
    const bool wired = options.adapters || by_its_seed;
    return sim::simulate(scenario, seed, keep, wired ? wire_servers : sim::MakeWirings{});
}

Exit tell_one(const FileSession& session, const SimulateOptions& options,
              const sim::Scenario& told) {
    const auto scenario = scenario_of(told, options.seed, sim::Rules::nodenap);
    const auto story = simulated(options, scenario, options.seed, {options.trace, true});
    const bool as_json = session.options.output == OutputForm::json;
    session.terminal.print(as_json ? story_json(scenario, story)
                                   : story_text(scenario, story, session.terminal.style()));
    return story.breaches.empty() ? Exit::decided : Exit::failed;
}

Tally tally_of(const FileSession& session, const SimulateOptions& options,
               const sim::Scenario& told, sim::Rules rules) {
    Tally tally;
    tally.rules = rules == sim::Rules::article ? "article" : "nodenap";
    const bool compares = !options.compare.empty();
    for (std::int64_t i = 0; i < options.seeds; ++i) {
        const auto seed = options.seed + static_cast<std::uint64_t>(i);
        tally.add(simulated(options, scenario_of(told, seed, rules), seed, {false, compares}));
        if (i % 16 == 0) {
            session.terminal.progress(
                fmt::format("{}: {} of {} seeds …", tally.rules, i, options.seeds));
        }
    }
    return tally;
}

Exit tell_many(const FileSession& session, const SimulateOptions& options,
               const sim::Scenario& told) {
    std::vector<Tally> tallies = {tally_of(session, options, told, sim::Rules::nodenap)};
    if (!options.compare.empty()) {
        tallies.push_back(tally_of(session, options, told, sim::Rules::article));
    }
    const bool as_json = session.options.output == OutputForm::json;
    session.terminal.print(as_json ? tallies_json(told, tallies)
                                   : tallies_text(told, tallies, session.terminal.style()));
    return tallies.front().seeds_broken == 0 ? Exit::decided : Exit::failed;
}

Exit run_simulation(const FileSession& session, const SimulateOptions& options) {
    LoadedScenario loaded;
    if (options.scenario == chaos) {
        loaded.scenario.name = chaos;
    } else {
        loaded = load_scenario(options.scenario);
    }
    for (const auto& fault : loaded.faults) session.terminal.complain(fault);
    if (!loaded.faults.empty()) return Exit::usage;
    const bool many = options.seeds > 1 || !options.compare.empty();
    return many ? tell_many(session, options, loaded.scenario)
                : tell_one(session, options, loaded.scenario);
}

}  // namespace

void add_simulate(CLI::App& app, CommandLine& line) {
    CLI::App* command = add_command(
        app, line, "simulate",
        "Run the whole loop in a cluster and a cloud in memory, and check every promise");
    const auto options = std::make_shared<SimulateOptions>();
    command
        ->add_option("scenario", options->scenario,
                     "A file (see scenarios/), or \"chaos\": all faults, made up by the seed")
        ->required()
        ->type_name("FILE|chaos");
    command->add_option("--seed", options->seed, "The dice; the same seed tells the same story [1]")
        ->type_name("N");
    command
        ->add_option("--seeds", options->seeds, "Run so many, from --seed on, and sum them up [1]")
        ->type_name("N")
        ->check(CLI::Range(1, 100'000'000));
    command->add_flag("--trace", options->trace,
                      "Tell everything that happens, not only decisions");
    command->add_flag("--adapters", options->adapters,
                      "Through the production adapters, on simulated servers; of chaos each "
                      "hundredth seed goes so by itself");
    command->add_option("--compare", options->compare, "Beside us the rules of another scaler")
        ->type_name("article")
        ->check(CLI::IsMember({"article"}));
    set_example(*command, "nodenap simulate scenarios/burst.toml --seed 7");
    command->callback([&line, options] {
        line.file_command = [options](FileSession& session) {
            return run_simulation(session, *options);
        };
    });
}

}  // namespace nodenap
