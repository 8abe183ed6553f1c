#include "app/cli/options.hpp"
#include "app/cli/output.hpp"

#include "app/cli/output_json.hpp"
#include "controller/invocation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

namespace nodenap {
namespace {

struct RunOptions {
    Milliseconds every = std::chrono::minutes(2);
};

/// One wake-up; a failed one is told and the loop goes on, as the function does.
void wake(Session& session) {
    session.terminal.progress("Observing the cluster …");
    const Result<Outcome> outcome = run_invocation(
        session.ports, session.settings, {Scheduled{}, longest_invocation, session.random});
    if (!outcome) {
        complain_of(session, pass_failed, outcome.error());
        return;
    }
    session.terminal.print(session.options.output == OutputForm::json
                               ? whole_record_json(outcome->record) + "\n"
                               : record_line(outcome->record, session.terminal.style()));
}

std::string file_text(const StateSettings& state) {
    std::error_code unknown;
    const auto path = std::filesystem::absolute(state.sqlite_path, unknown);
    return "the state is kept in the SQLite file " + (unknown ? state.sqlite_path : path.string());
}

/// Wake-ups begin `every` apart; one that took longer is followed by the next at once.
Exit run(Session& session, const RunOptions& options) {
    Clock& clock = session.ports.clock;
    if (session.settings.state.dynamodb_table.empty()) {
        session.terminal.complain(file_text(session.settings.state));
    }
    say_if_no_mode(session);
    while (!session.interrupted) {
        const Milliseconds next = clock.monotonic() + options.every;
        wake(session);
        if (session.interrupted) break;
        const Milliseconds left = next - clock.monotonic();
        if (left > Milliseconds(0)) clock.sleep_for(left);
    }
    return Exit::interrupted;
}

}  // namespace

void add_run(CLI::App& app, CommandLine& line) {
    CLI::App* command = add_command(
        app, line, "run", "Run in the foreground instead of Lambda, a pass every two minutes");
    const auto options = std::make_shared<RunOptions>();
    add_duration(*command, {"--every", "How often to wake [2m]", std::chrono::seconds(1)},
                 options->every);
    command->add_flag("--events", line.common.events,
                      "Write the event log to standard error, one JSON object a line");
    set_example(*command, "nodenap run --config nodenap.toml --every 2m");
    command->callback([&line, options] {
        line.is_service = true;
        line.command = [options](Session& session) { return run(session, *options); };
    });
}

}  // namespace nodenap
