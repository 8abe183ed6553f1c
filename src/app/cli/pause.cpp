#include "app/cli/options.hpp"
#include "app/cli/output.hpp"

#include "adapters/decision_json.hpp"
#include "controller/lease.hpp"

#include <fmt/format.h>

#include <optional>

namespace nodenap {
namespace {

struct PauseOptions {
    Milliseconds span{0};  // 0: until a person resumes
};

/// The end of year 9999: no clock of ours gets there.
constexpr Time until_resumed{std::chrono::sys_days(std::chrono::year(9999) / 12 / 31)};

/// The state after the order, in the form that was asked for.
Exit show(Session& session, const std::string& said) {
    if (session.options.output == OutputForm::table) {
        session.terminal.print(said);
        return Exit::decided;
    }
    const Result<StatusReport> report = read_status(session.ports, session.settings);
    if (!report) return complain_of(session, "The state could not be read", report.error());
    session.terminal.print(status_json(report->state, session.settings, report->now,
                                       report->last ? &*report->last : nullptr) +
                           "\n");
    return Exit::decided;
}

Exit pause(Session& session, const PauseOptions& options) {
    const bool limited = options.span > Milliseconds(0);
    const Time until = limited ? session.ports.clock.now() + options.span : until_resumed;
    const Status done = set_paused(session.ports.store, session.settings.cluster, until);
    if (!done) return complain_of(session, "Pausing failed", done.error());
    return show(session,
                fmt::format("{} is paused {}: passes go on deciding and touch nothing.\n",
                            session.settings.cluster,
                            limited ? "until " + table_time(until) + " UTC"
                                    : "until `nodenap resume`"));
}

Exit resume(Session& session) {
    const Status done = set_paused(session.ports.store, session.settings.cluster, std::nullopt);
    if (!done) return complain_of(session, "Resuming failed", done.error());
    return show(session, fmt::format("{} is no longer paused.\n", session.settings.cluster));
}

}  // namespace

void add_pause(CLI::App& app, CommandLine& line) {
    CLI::App* command = add_command(
        app, line, "pause", "Let passes decide and record but touch nothing, for a while");
    const auto options = std::make_shared<PauseOptions>();
    add_duration(*command, "--for", options->span, "How long [until `nodenap resume`]");
    set_example(*command, "nodenap pause --config nodenap.toml --for 2h");
    command->callback([&line, options] {
        line.command = [options](Session& session) { return pause(session, *options); };
    });
}

void add_resume(CLI::App& app, CommandLine& line) {
    CLI::App* command = add_command(app, line, "resume", "End a pause now");
    set_example(*command, "nodenap resume --config nodenap.toml");
    command->callback([&line] { line.command = resume; });
}

}  // namespace nodenap
