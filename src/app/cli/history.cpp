#include "app/cli/options.hpp"
#include "app/cli/output.hpp"

#include "adapters/json/decision_json.hpp"

#include "decide/explain.hpp"

#include <fmt/format.h>

namespace nodenap {
namespace {

struct HistoryOptions {
    Milliseconds since = std::chrono::hours(24);
    int limit = 100;
};

Exit show_history(Session& session, const HistoryOptions& options) {
    session.terminal.progress("Reading the history …");
    const Time since = session.ports.clock.now() - options.since;
    const Result<History> history = read_history(session.ports.store, session.ports.codec,
                                                 session.settings.cluster, {since, options.limit});
    if (!history) return complain_of(session, history_unread, history.error());
    for (const std::string& one : history->unreadable) {
        session.terminal.complain("One record cannot be read: " + one);
    }
    const std::vector<Record>& records = history->records;
    if (session.options.output == OutputForm::json) {
        session.terminal.print(history_json(records) + "\n");
    } else if (records.empty()) {
        session.terminal.print(
            fmt::format("No history in the last {}. A record is written when something is done or "
                        "the reason changes.\n",
                        duration_text(options.since)));
    } else {
        session.terminal.print(history_text(records, session.terminal.style()));
    }
    return session.interrupted ? Exit::interrupted : Exit::decided;
}

}  // namespace

void add_history(CLI::App& app, CommandLine& line) {
    CLI::App* command =
        add_command(app, line, "history", "List past decisions with their reasons, newest first");
    const auto options = std::make_shared<HistoryOptions>();
    add_duration(*command, {"--since", "How far back to list [24h]", std::chrono::seconds(1)},
                 options->since);
    command->add_option("--limit", options->limit, "At most this many records [100]")
        ->type_name("N")
        ->check(CLI::Range(1, 10'000));
    set_example(*command, "nodenap history --config nodenap.toml --since 24h --limit 20");
    command->callback([&line, options] {
        line.command = [options](Session& session) { return show_history(session, *options); };
    });
}

}  // namespace nodenap
