#include "app/cli/doctor_report.hpp"
#include "app/cli/options.hpp"

#include "doctor/preflight.hpp"

#include <algorithm>

namespace nodenap {
namespace {

constexpr const char* explanation =
    "Check everything that a pass depends on, and say what is wrong and how to fix it.\nIt uses "
    "the current credentials and network: the results hold for them. Nothing is changed: launches "
    "and terminations are EC2's dry runs, the write to the table is one that its condition "
    "refuses. No token's value is read.\nExit: 0 if no check failed (warnings and skipped checks "
    "do not count), 1 if one did, 2 for a wrong option or configuration.";

Exit doctor(Session& session, const PreflightOptions& options) {
    session.terminal.progress("Asking AWS and Prometheus …");
    const std::vector<Check> checks = check_everything(
        {session.ports, session.preflight, session.settings, options, session.random()});
    session.terminal.print(session.options.output == OutputForm::json
                               ? doctor_json(checks) + "\n"
                               : doctor_text(checks, session.terminal.style()));
    if (session.interrupted) return Exit::interrupted;
    const bool failed = std::ranges::any_of(
        checks, [](const Check& one) { return one.finding.status == CheckStatus::failed; });
    return failed ? Exit::failed : Exit::decided;
}

}  // namespace

void add_doctor(CLI::App& app, CommandLine& line) {
    CLI::App* command = add_command(
        app, line, "doctor", "Check permissions, connectivity, clocks and the configuration");
    const auto options = std::make_shared<PreflightOptions>();
    add_duration(*command,
                 {"--every", "How often the function wakes [2m]", std::chrono::minutes(1)},
                 options->every);
    command
        ->add_option(
            "--token-parameter", options->token_parameter,
            "The workers' token in Parameter Store; only its age is checked, its value is not read")
        ->type_name("NAME");
    set_example(*command,
                "nodenap doctor --config nodenap.toml --token-parameter /k3s/prod/agent-token");
    command->footer(std::string(explanation) + "\n\n" + command->get_footer());
    command->callback([&line, options] {
        line.command = [options](Session& session) { return doctor(session, *options); };
    });
}

}  // namespace nodenap
