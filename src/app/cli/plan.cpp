#include "app/cli/options.hpp"
#include "app/cli/output.hpp"
#include "app/cli/plan_offline.hpp"

#include "adapters/json/decision_json.hpp"
#include "controller/reconcile.hpp"

#include <algorithm>
#include <memory>

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

void add_offline_options(CLI::App& command, OfflinePlanOptions& options) {
    CLI::Option* from =
        command
            .add_option("--from", options.from,
                        "Plan offline, from Kubernetes Lists in files; - is standard input")
            ->option_text("FILE...");
    command
        .add_option("--types", options.types,
                    "With --from, instance types to launch where there is no configuration")
        ->delimiter(',')
        ->option_text("TYPE,...")
        ->needs(from);
    command.add_option("--now", options.now, "With --from, the time that it is [the present]")
        ->option_text("TIME")
        ->needs(from);
    command
        .add_option("--assume-cpu", options.cpu_percent,
                    "With --from, the CPU use of the workers, which Kubernetes does not tell")
        ->option_text("PERCENT")
        ->check(CLI::Range(0.0, 100.0))
        ->needs(from);
}

}  // namespace

void add_plan(CLI::App& app, CommandLine& line) {
    CLI::App* command =
        add_command(app, line, "plan", "Show what Nodenap would do now, and why (dry run)");
    const auto options = std::make_shared<OfflinePlanOptions>();
    add_offline_options(*command, *options);
    set_example(*command,
                "nodenap plan --config nodenap.toml\n"
                "  kubectl get pods,nodes,pdb,pv,pvc,sc,ns,ds -A -o json | nodenap plan "
                "--types t3.small,m7i.large --from -");
    command->callback([&line, options] {
        if (options->from.empty()) {
            line.command = plan;
            return;
        }
        line.file_command = [options](FileSession& session) {
            return plan_offline(session, *options);
        };
    });
}

}  // namespace nodenap
