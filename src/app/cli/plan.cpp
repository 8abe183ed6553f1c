#include "app/cli/options.hpp"
#include "app/cli/output.hpp"

#include "adapters/json/decision_json.hpp"
#include "controller/reconcile.hpp"

#include <algorithm>

namespace nodenap {
namespace {

/// Memory is no source that failed where nothing asks for it.
bool sources_answered(const Plan& plan, const Policy& policy) {
    const auto& unknown = plan.signals.unknown;
    return std::all_of(unknown.begin(), unknown.end(), [&](const UnknownSignal& signal) {
        return signal.signal == "memory" && policy.scale_up.memory_above_percent <= 0;
    });
}

Exit plan(Session& session) {
    session.terminal.progress("Observing the cluster …");
    const Result<Plan> ahead = preview(session.ports, session.settings);
    if (!ahead) return complain_of(session, {"The plan could not be made", ""}, ahead.error());
    const PlanTense tense = is_to_be_applied(*ahead) ? PlanTense::next : PlanTense::withheld;
    session.terminal.print(session.options.output == OutputForm::json
                               ? plan_json(*ahead) + "\n"
                               : plan_text(*ahead, tense, session.terminal.style()));
    if (session.interrupted) return Exit::interrupted;
    return sources_answered(*ahead, session.settings.policy) ? Exit::decided : Exit::failed;
}

}  // namespace

void add_plan(CLI::App& app, CommandLine& line) {
    CLI::App* command =
        add_command(app, line, "plan", "Show what Nodenap would do now, and why (dry run)");
    set_example(*command, "nodenap plan --config nodenap.toml --output json");
    command->callback([&line] { line.command = plan; });
}

}  // namespace nodenap
