#include "app/cli/cost_report.hpp"
#include "app/cli/options.hpp"

#include "app/config_prices.hpp"
#include "controller/memory.hpp"
#include "cost/footprint.hpp"
#include "decide/explain.hpp"

#include <fmt/format.h>

namespace nodenap {
namespace {

struct CostOptions {
    CostSettings settings;
    std::string architecture = "arm64";
    std::optional<double> changes;
    bool offline = false;
};

constexpr Milliseconds history_span = std::chrono::hours(24 * 30);
constexpr int most_records = 10'000;
/// A shorter history says nothing about a month.
constexpr Milliseconds useful_span = std::chrono::hours(24);

/// What the bill is based on, without the world; an error for a region without prices.
Result<CostReport> begin_report(const Settings& settings, const CostOptions& options) {
    const PriceList list = built_in_prices();
    const RegionPrices* prices = find_region(list, settings.region);
    if (prices == nullptr) {
        std::string known;
        for (const auto& each : list.regions) known += (known.empty() ? "" : ", ") + each.region;
        return Error{
            ErrorKind::invalid,
            fmt::format("aws.region: no price list for {}; available: {}", settings.region, known)};
    }
    CostReport report{.prices = *prices, .prices_of = list.prices_of};
    report.settings = options.settings;
    report.settings.architecture =
        options.architecture == "arm64" ? Architecture::arm64 : Architecture::x86_64;
    report.settings.nodes = settings.policy.limits.max_nodes;
    report.settings.relook_every = settings.relook.every;
    report.settings.relook_span = settings.relook.span;
    report.settings.changes_a_month = options.changes.value_or(assumed_changes_a_month);
    report.changes_from = options.changes ? "given" : "assumed";
    report.workers = worker_bounds(settings.policy);
    return report;
}

void print_report(CostReport& report, const CommonOptions& options, Terminal& terminal) {
    report.wakeup_ms = wakeup_ms(our_footprint, report.settings.memory_mb);
    report.bill = bill_of(month_of_use(our_footprint, report.settings), report.prices,
                          report.settings.architecture);
    terminal.print(options.output == OutputForm::json ? cost_json(report) + "\n"
                                                      : cost_text(report, terminal.style()));
}

/// A month's changes and the hours of the nodes, where the history reaches far enough back.
void add_history(CostReport& report, const std::vector<Record>& records, Time now) {
    report.workers.hours = node_hours(node_counts_of(records), now, report.workers.max_nodes);
    if (!report.workers.hours) {
        report.workers.unread = "The history has no record of the last 30 days.";
        return;
    }
    const Milliseconds span = report.workers.hours->span;
    if (report.changes_from == "given" || span < useful_span) return;
    const double hours = std::chrono::duration<double, std::ratio<3600>>(span).count();
    report.settings.changes_a_month = changes_in(records) * hours_a_month / hours;
    report.changes_from = "as in the last " + duration_text(span);
}

Exit cost_online(Session& session, const CostOptions& options) {
    auto report = begin_report(session.settings, options);
    if (!report) return refuse(session.options, session.terminal, report.error(), Exit::usage);
    session.terminal.progress("Reading EC2 and the history …");
    const Ports& ports = session.ports;
    const Time now = ports.clock.now();
    const auto fleet = ports.fleet.list();
    if (fleet) add_present(report->workers, session.settings.policy, *fleet);
    const auto history = read_history(ports.store, ports.codec, session.settings.cluster,
                                      {now - history_span, most_records});
    if (history) add_history(*report, history->records, now);
    if (!history) report->workers.unread = "The history could not be read.";
    print_report(*report, session.options, session.terminal);
    if (!fleet) say_failure(session, {"EC2 could not be reached", ""}, fleet.error());
    if (fleet && !history) say_failure(session, history_unread, history.error());
    if (!fleet || !history) return Exit::failed;
    return session.interrupted ? Exit::interrupted : Exit::decided;
}

Exit cost_offline(FileSession& session, const CostOptions& options) {
    const LoadedConfig loaded = load_config(session.file, session.environment, Program::command);
    if (!loaded.faults.empty()) {
        return refuse_file(session, session.file, loaded.faults, loaded.diagnostics);
    }
    auto report = begin_report(loaded.settings, options);
    if (!report) return refuse(session.options, session.terminal, report.error(), Exit::usage);
    report->workers.unread = "Offline: running workers and past savings are not included.";
    print_report(*report, session.options, session.terminal);
    return Exit::decided;
}

void add_options(CLI::App& command, CostOptions& options) {
    command.add_option("--memory", options.settings.memory_mb, "The function's memory [128]")
        ->type_name("MB")
        ->check(CLI::Range(128, 10'240));
    add_duration(command, {"--every", "How often the function wakes [2m]", std::chrono::minutes(1)},
                 options.settings.every);
    command.add_option("--arch", options.architecture, "The function's processor [arm64]")
        ->type_name("arm64|x86_64")
        ->check(CLI::IsMember({"arm64", "x86_64"}));
    command
        .add_option("--changes", options.changes,
                    "How often a month the cluster grows or shrinks [from the history, else 60]")
        ->type_name("N")
        ->check(CLI::Range(0.0, 100'000.0));
    command.add_flag("--offline", options.offline, "Use the configuration file only; no AWS calls");
}

/// Asks nobody where told so: then no port is wired.
void choose_command(CommandLine& line, const std::shared_ptr<CostOptions>& options) {
    if (options->offline) {
        line.file_command = [options](FileSession& session) {
            return cost_offline(session, *options);
        };
    } else {
        line.command = [options](Session& session) { return cost_online(session, *options); };
    }
}

}  // namespace

void add_cost(CLI::App& app, CommandLine& line) {
    CLI::App* command =
        add_command(app, line, "cost", "Estimate the monthly cost of Nodenap and of the workers");
    const auto options = std::make_shared<CostOptions>();
    add_options(*command, *options);
    set_example(*command, "nodenap cost --config nodenap.toml --memory 256 --every 1m");
    command->callback([&line, options] { choose_command(line, options); });
}

}  // namespace nodenap
