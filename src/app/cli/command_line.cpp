#include "app/cli/command_line.hpp"

#include "base/harmless.hpp"

#include "app/cli/options.hpp"
#include "app/cli/table.hpp"
#include "app/config_reader.hpp"
#include "app/version.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace nodenap {
namespace {

const CLI::App& innermost(const CLI::App& app) {
    const std::vector<CLI::App*> chosen = app.get_subcommands();
    return chosen.empty() ? app : innermost(*chosen.front());
}

std::vector<std::string> words_of(const CLI::App& app) {
    std::vector<std::string> words;
    const auto any = [](const CLI::App*) { return true; };
    for (const CLI::App* command : app.get_subcommands(any)) words.push_back(command->get_name());
    for (const CLI::Option* option : app.get_options()) words.push_back(option->get_name());
    return words;
}

std::string path_of(const CLI::App& app) {
    const CLI::App* parent = app.get_parent();
    return parent == nullptr ? app.get_name() : path_of(*parent) + " " + app.get_name();
}

/// What was wrong with the line, what was perhaps meant, and where the help is.
std::string usage_message(const CLI::App* app, const CLI::Error& error) {
    const CLI::App& command = innermost(*app);
    const std::vector<std::string> unknown = app->remaining(true);
    const bool is_no_command =
        !unknown.empty() && !unknown.front().starts_with('-') &&
        std::string_view(error.what()).find("subcommand") != std::string_view::npos;
    std::string text = is_no_command
                           ? fmt::format("nodenap: unknown command \"{}\"\n", unknown.front())
                           : fmt::format("nodenap: {}\n", error.what());
    for (const std::string& word : unknown) {
        const std::string meant = nearest_word(word, words_of(command));
        if (!meant.empty()) text += fmt::format("Did you mean {}?\n", meant);
    }
    // CLI11 prints it, not the terminal.
    return harmless_lines(text + fmt::format("See `{} --help`.\n", path_of(command)));
}

}  // namespace

void describe(CLI::App& app, CommandLine& line) {
    app.name("nodenap");
    app.description(
        "Nodenap adds and removes the EC2 workers of a K3s cluster: each pass observes EC2 "
        "and\nPrometheus, decides and acts. `nodenap COMMAND --help` explains a command.");
    app.set_version_flag("--version", std::string("nodenap ") + version, "Print the version");
    app.set_help_flag("-h,--help", "Print this help");
    app.require_subcommand(1);
    app.failure_message(usage_message);
    app.footer(
        "Begin with:\n  nodenap config check --config nodenap.toml\n"
        "  nodenap doctor --config nodenap.toml\n"
        "  nodenap plan --config nodenap.toml");
    add_plan(app, line);
    add_tick(app, line);
    add_run(app, line);
    add_nodes(app, line);
    add_explain(app, line);
    add_status(app, line);
    add_history(app, line);
    add_pause(app, line);
    add_resume(app, line);
    add_unlock(app, line);
    add_doctor(app, line);
    add_cost(app, line);
    add_config(app, line);
    add_simulate(app, line);
    add_completion(app, line);
    add_help(app, line);
    add_version(app, line);
}

}  // namespace nodenap
