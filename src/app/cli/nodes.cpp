#include "app/cli/options.hpp"
#include "app/cli/output.hpp"

#include "controller/reconcile.hpp"

namespace nodenap {
namespace {

struct NodesOptions {
    bool watch = false;
    Milliseconds every = std::chrono::seconds(10);
};

/// The workers as they are now. A source that does not answer leaves cells empty and fails.
Exit show(Session& session) {
    session.terminal.progress("Observing the cluster …");
    const Result<Snapshot> seen = observe_cluster(session.ports, session.settings);
    if (!seen) return complain_of(session, state_unread, seen.error());
    if (!seen->fleet.known()) {
        const Error error{ErrorKind::unavailable, seen->fleet.cause()};
        return complain_of(session, {"EC2 instances could not be listed", ""}, error);
    }
    const auto rows = worker_rows(*seen, session.settings.policy);
    session.terminal.print(session.options.output == OutputForm::json
                               ? nodes_json(rows, *seen) + "\n"
                               : nodes_table(rows, session.terminal.style()));
    if (seen->signals.nodes.known()) return Exit::decided;
    session.terminal.complain("node data unavailable: " + seen->signals.nodes.cause());
    return Exit::failed;
}

/// Again and again until Ctrl-C; what fails once is said and asked again.
Exit nodes(Session& session, const NodesOptions& options) {
    if (!options.watch) {
        const Exit exit = show(session);
        return session.interrupted ? Exit::interrupted : exit;
    }
    while (!session.interrupted) {
        show(session);
        if (!session.interrupted) session.ports.clock.sleep_for(options.every);
    }
    return Exit::interrupted;
}

}  // namespace

void add_nodes(CLI::App& app, CommandLine& line) {
    CLI::App* command =
        add_command(app, line, "nodes",
                    "Show each worker: stage, pods, requests, use, price, and what keeps it");
    const auto options = std::make_shared<NodesOptions>();
    command->add_flag("--watch", options->watch, "Print again every --every, until Ctrl-C");
    add_duration(*command,
                 {"--every", "How often to print with --watch [10s]", std::chrono::seconds(1)},
                 options->every);
    set_example(*command, "nodenap nodes --config nodenap.toml --watch");
    command->callback([&line, options] {
        line.command = [options](Session& session) { return nodes(session, *options); };
    });
}

}  // namespace nodenap
