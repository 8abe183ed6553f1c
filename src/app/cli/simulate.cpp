#include "adapters/system/own_file.hpp"
#include "app/cli/options.hpp"
#include "app/cli/simulate_page.hpp"
#include "app/cli/simulate_report.hpp"
#include "app/cli/simulate_scenario.hpp"
#include "app/wiring_servers.hpp"
#include "decide/explain.hpp"

#include <fmt/format.h>

#include <charconv>
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
    bool fingerprint = false;
    std::string compare;
    std::string html;
};

const char* rules_word(sim::Rules rules) {
    return rules == sim::Rules::baseline ? "article" : "nodenap";
}

/// Of a hundred stories that are made up one goes through the production adapters: they take time.
constexpr std::uint64_t adapters_in_one_of = 100;

/// CLI11 itself would take -1 for the largest number.
std::string whole_number_fault(std::string& text) {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec == std::errc{} && read.ptr == end) return {};
    return "write a whole number from 0 to 18446744073709551615";
}

/// Of chaos each seed makes a story of its own; a file tells the same one with other dice.
sim::Scenario scenario_of(const sim::Scenario& told, std::uint64_t seed, sim::Rules rules) {
    auto scenario = told.name == chaos ? sim::make_up_scenario(seed) : told;
    scenario.rules = rules;
    return scenario;
}

sim::RunResult simulated(const SimulateOptions& options, const sim::Scenario& scenario,
                         std::uint64_t seed, const sim::Keep& keep) {
    const bool by_its_seed = scenario.name == chaos && seed % adapters_in_one_of == 0;
    const bool wired = options.adapters || by_its_seed;
    return sim::simulate(scenario, seed, keep, wired ? servers::wire_servers : sim::MakeWirings{});
}

Summary summary_of(const FileSession& session, const SimulateOptions& options,
                   const sim::Scenario& told, sim::Rules rules) {
    Summary summary;
    summary.rules = rules_word(rules);
    const bool compares = !options.compare.empty();
    for (std::int64_t i = 0; i < options.seeds; ++i) {
        const auto seed = options.seed + static_cast<std::uint64_t>(i);
        const auto run_result = simulated(options, scenario_of(told, seed, rules), seed,
                                          {.samples = compares, .stop = &session.interrupted});
        if (run_result.stopped) break;
        summary.add(run_result);
        if (i % 16 == 0) {
            session.terminal.progress(
                fmt::format("{}: {} of {} seeds …", summary.rules, i, options.seeds));
        }
    }
    return summary;
}

std::string replay(const FileSession& session, const SimulateOptions& options) {
    const auto& config = session.options.config;
    return fmt::format("nodenap simulate {}{} --seed {}{}{}", shell_word(options.scenario),
                       config.empty() ? "" : " --config " + shell_word(config), options.seed,
                       options.adapters ? " --adapters" : "",
                       options.compare.empty() ? "" : " --compare article");
}

/// What ran before Ctrl-C has been printed; whether it broke a promise counts less.
Exit exit_of(const FileSession& session, bool has_broken) {
    if (session.interrupted) return Exit::interrupted;
    return has_broken ? Exit::failed : Exit::decided;
}

/// Beside what was printed of the seeds that ended before Ctrl-C.
void say_if_interrupted(const FileSession& session, std::int64_t seeds, std::int64_t wanted) {
    if (!session.interrupted) return;
    session.terminal.complain(
        fmt::format("interrupted: {} of {} ran", seeds, counted(wanted, "seed")));
}

Exit refuse_to_write(const FileSession& session, const std::string& file) {
    return refuse(session.options, session.terminal,
                  {ErrorKind::invalid, file + " cannot be written"}, Exit::failed);
}

std::vector<PolicyRun> stories_of(const FileSession& session, const SimulateOptions& options,
                                  const sim::Scenario& told) {
    std::vector<PolicyRun> run_results;
    for (const auto rules : {sim::Rules::nodenap, sim::Rules::baseline}) {
        if (rules == sim::Rules::baseline && options.compare.empty()) continue;
        if (session.interrupted && !run_results.empty()) break;
        const auto scenario = scenario_of(told, options.seed, rules);
        run_results.push_back({rules, simulated(options, scenario, options.seed,
                                                {options.trace, true, &session.interrupted})});
    }
    return run_results;
}

void print_compared(const FileSession& session, const sim::Scenario& told,
                    const std::vector<Summary>& tallies) {
    const bool as_json = session.options.output == OutputForm::json;
    session.terminal.print(as_json ? tallies_json(told, tallies)
                                   : tallies_text(told, tallies, session.terminal.style()));
}

void print_run(const FileSession& session, const sim::Scenario& scenario,
               const sim::RunResult& run_result) {
    const bool as_json = session.options.output == OutputForm::json;
    session.terminal.print(as_json ? run_json(scenario, run_result)
                                   : run_text(scenario, run_result, session.terminal.style()));
}

Exit tell_one(const FileSession& session, const SimulateOptions& options,
              const sim::Scenario& told) {
    const auto scenario = scenario_of(told, options.seed, sim::Rules::nodenap);
    const auto run_results = stories_of(session, options, told);
    if (!options.html.empty() &&
        !write_own_file(options.html, run_page(scenario, run_results, replay(session, options)))) {
        return refuse_to_write(session, options.html);
    }
    if (options.compare.empty()) {
        print_run(session, scenario, run_results.front().run_result);
    } else {
        std::vector<Summary> tallies;
        for (const auto& [rules, run_result] : run_results) {
            tallies.push_back({.rules = rules_word(rules)});
            tallies.back().add(run_result);
        }
        print_compared(session, told, tallies);
    }
    return exit_of(session, !run_results.front().run_result.breaches.empty());
}

Exit tell_many(const FileSession& session, const SimulateOptions& options,
               const sim::Scenario& told) {
    std::vector<Summary> tallies = {summary_of(session, options, told, sim::Rules::nodenap)};
    if (!options.compare.empty() && !session.interrupted) {
        tallies.push_back(summary_of(session, options, told, sim::Rules::baseline));
    }
    print_compared(session, told, tallies);
    say_if_interrupted(session, tallies.front().seeds, options.seeds);
    return exit_of(session, tallies.front().seeds_broken > 0);
}

Exit tell_fingerprints(const FileSession& session, const SimulateOptions& options,
                       const sim::Scenario& told) {
    std::vector<SeedFingerprint> fingerprints;
    bool broken = false;
    for (std::int64_t i = 0; i < options.seeds; ++i) {
        const auto seed = options.seed + static_cast<std::uint64_t>(i);
        const auto scenario = scenario_of(told, seed, sim::Rules::nodenap);
        const auto run_result = simulated(options, scenario, seed, {.stop = &session.interrupted});
        if (run_result.stopped) break;
        fingerprints.push_back({seed, run_result.fingerprint});
        broken = broken || !run_result.breaches.empty();
    }
    const bool as_json = session.options.output == OutputForm::json;
    session.terminal.print(as_json ? fingerprints_json(told, fingerprints)
                                   : fingerprints_text(fingerprints));
    say_if_interrupted(session, std::ssize(fingerprints), options.seeds);
    return exit_of(session, broken);
}

Exit run_simulation(const FileSession& session, const SimulateOptions& options) {
    LoadedScenario loaded;
    const auto& config = session.options.config;
    if (options.scenario == chaos) {
        loaded.scenario.name = chaos;
    } else {
        loaded = load_scenario(options.scenario);
    }
    if (!loaded.faults.empty()) {
        return refuse_file(session, options.scenario, loaded.faults, loaded.diagnostics);
    }
    if (!config.empty() && options.scenario == chaos) {
        return refuse(session.options, session.terminal,
                      {ErrorKind::invalid, "chaos makes up its own policy: name a scenario file"},
                      Exit::usage);
    }
    if (!config.empty()) {
        const auto own = load_config(config, session.environment, Program::command);
        if (!own.faults.empty()) return refuse_file(session, config, own.faults, own.diagnostics);
        use_settings(loaded.scenario, own.settings);
    }
    if (options.fingerprint) return tell_fingerprints(session, options, loaded.scenario);
    return options.seeds > 1 ? tell_many(session, options, loaded.scenario)
                             : tell_one(session, options, loaded.scenario);
}

}  // namespace

void add_simulate(CLI::App& app, CommandLine& line) {
    CLI::App* command =
        add_command(app, line, "simulate", "Simulate a scenario in memory and check all promises");
    command->get_option("--config")
        ->description(
            "A nodenap.toml: its policy in place of the scenario's limits, thresholds and pools");
    const auto options = std::make_shared<SimulateOptions>();
    command
        ->add_option(
            "scenario", options->scenario,
            "A scenario file (see scenarios/), or \"chaos\": random faults drawn from the seed")
        ->required()
        ->type_name("FILE|chaos");
    command->add_option("--seed", options->seed, "Random seed; same seed, same run [1]")
        ->check(CLI::Validator(whole_number_fault, "", "seed"))
        ->type_name("N");
    command
        ->add_option("--seeds", options->seeds,
                     "Number of seeds to run, starting at --seed; prints totals [1]")
        ->type_name("N")
        ->check(CLI::Range(1, 100'000'000));
    command->add_flag("--trace", options->trace, "Print every event, not only decisions");
    command->add_flag("--adapters", options->adapters,
                      "Use the real AWS and Prometheus clients against simulated servers (slower; "
                      "chaos does so for every 100th seed)");
    command
        ->add_option("--compare", options->compare, "Also run a baseline scaler on the same seed")
        ->type_name("article")
        ->check(CLI::IsMember({"article"}));
    command
        ->add_flag("--fingerprint", options->fingerprint,
                   "Print a hash of all decisions and actions for each seed; builds with equal "
                   "hashes act alike")
        ->excludes("--compare", "--trace");
    command
        ->add_option("--html", options->html,
                     "Write an HTML page with plots and every decision of one seed")
        ->type_name("FILE")
        ->excludes("--seeds", "--fingerprint");
    set_example(*command, "nodenap simulate scenarios/burst.toml --seed 7");
    command->callback([&line, options] {
        line.file_command = [options](FileSession& session) {
            return run_simulation(session, *options);
        };
    });
}

}  // namespace nodenap
