#include "app/cli/command_line.hpp"

#include "app/cli/options.hpp"
#include "app/version.hpp"

namespace nodenap {

void describe(CLI::App& app, CommandLine& line) {
    app.description(
        "Nodenap adds and removes the EC2 workers of a K3s cluster: it wakes, looks at EC2 and\n"
        "Prometheus, decides, acts, and sleeps again. `nodenap COMMAND --help` explains a command.");
    app.set_version_flag("--version", std::string("nodenap ") + version);
    app.require_subcommand(1);
    app.footer("\nBegin with:\n  nodenap config check --config nodenap.toml\n"
               "  nodenap plan --config nodenap.toml");
    add_plan(app, line);
    add_tick(app, line);
    add_run(app, line);
    add_status(app, line);
    add_history(app, line);
    add_pause(app, line);
    add_resume(app, line);
    add_unlock(app, line);
    add_config(app, line);
}

}  // namespace nodenap
