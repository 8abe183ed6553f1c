#include "app/cli/options.hpp"
#include "app/cli/output.hpp"

#include "adapters/json/decision_json.hpp"

namespace nodenap {
namespace {

Exit status(Session& session) {
    session.terminal.progress("Reading the state …");
    const Result<StatusReport> report = read_status(session.ports, session.settings);
    if (!report) return complain_of(session, state_unread, report.error());
    session.terminal.print(
        session.options.output == OutputForm::json
            ? status_json(report->state, session.settings, report->now, report->last_or_null()) +
                  "\n"
            : status_text(*report, session.settings, session.terminal.style()));
    return session.interrupted ? Exit::interrupted : Exit::decided;
}

}  // namespace

void add_status(CLI::App& app, CommandLine& line) {
    CLI::App* command =
        add_command(app, line, "status",
                    "Show the lease, the last decision, in-flight operations and backoffs");
    set_example(*command, "nodenap status --config nodenap.toml");
    command->callback([&line] { line.command = status; });
}

}  // namespace nodenap
