#include "app/cli/options.hpp"
#include "app/cli/output.hpp"

#include "app/cli/output_json.hpp"
#include "controller/invocation.hpp"

namespace nodenap {
namespace {

struct TickOptions {
    bool wait = false;
};

/// A lease is over by then even if its pass died.
constexpr Milliseconds longest_wait = longest_invocation + lease_margin;
constexpr Milliseconds try_every = std::chrono::seconds(2);

/// One pass only: whatever it launched is looked after by the next one.
Settings without_second_look(const Settings& settings) {
    Settings once = settings;
    once.relook.span = Milliseconds(0);
    return once;
}

/// One pass, or the answer that somebody else's is at work; who waits gets it once that one is
/// over.
Result<Outcome> make_pass(Session& session, const TickOptions& options) {
    const Settings settings = without_second_look(session.settings);
    const Wakeup wakeup{Action::tick, longest_invocation, session.random};
    Clock& clock = session.ports.clock;
    const Milliseconds until = clock.monotonic() + longest_wait;
    Result<Outcome> outcome = run_invocation(session.ports, settings, wakeup);
    while (outcome && outcome->held_by_another && options.wait && clock.monotonic() < until) {
        session.terminal.progress("Another pass holds the lease; waiting for it …");
        clock.sleep_for(try_every);
        outcome = run_invocation(session.ports, settings, wakeup);
    }
    return outcome;
}

Exit tick(Session& session, const TickOptions& options) {
    say_if_no_mode(session);
    session.terminal.progress("Observing the cluster …");
    const Result<Outcome> outcome = make_pass(session, options);
    if (!outcome) return complain_of(session, pass_failed, outcome.error());
    session.terminal.print(session.options.output == OutputForm::json
                               ? whole_record_json(outcome->record) + "\n"
                               : record_text(outcome->record, session.terminal.style()));
    if (session.interrupted) return Exit::interrupted;
    return outcome->succeeded ? Exit::decided : Exit::failed;
}

}  // namespace

void add_tick(CLI::App& app, CommandLine& line) {
    CLI::App* command = add_command(app, line, "tick", "Run one pass now: observe, decide, act");
    const auto options = std::make_shared<TickOptions>();
    command->add_flag("--wait", options->wait,
                      "If another pass holds the lease, wait until it ends");
    command->add_flag("--events", line.common.events,
                      "Write the event log to standard error, one JSON object a line");
    set_example(*command, "nodenap tick --config nodenap.toml");
    command->callback([&line, options] {
        line.command = [options](Session& session) { return tick(session, *options); };
    });
}

}  // namespace nodenap
