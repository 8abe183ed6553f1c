#include "app/cli/completion.hpp"
#include "app/cli/options.hpp"
#include "app/version.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace nodenap {

void add_help(CLI::App& app, CommandLine& line) {
    CLI::App* help = app.add_subcommand("help", "Print the help of a command");
    const auto command = std::make_shared<std::string>();
    help->add_option("command", *command, "The command; none: all of them")
        ->type_name("COMMAND")
        ->check(CLI::Validator(
            [&app](const std::string& name) {
                const auto named = app.get_subcommands(
                    [&](const CLI::App* each) { return each->get_name() == name; });
                return named.empty() ? "unknown command \"" + name + "\"" : std::string();
            },
            "", "command"));
    help->callback([&app, &line, command] {
        // CLI::App::help of the whole would print that of the command on the line: of this one.
        const std::string all =
            app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal);
        const std::string text =
            command->empty() ? all : app.get_subcommand(*command)->help(app.get_name());
        line.file_command = [text](FileSession& session) {
            session.terminal.print(text);
            return Exit::decided;
        };
    });
}

void add_version(CLI::App& app, CommandLine& line) {
    app.add_subcommand("version", "Print the version")->callback([&line] {
        line.file_command = [](FileSession& session) {
            session.terminal.print(std::string("nodenap ") + version + "\n");
            return Exit::decided;
        };
    });
}

void add_completion(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand("completion", "Print a completion script for a shell");
    const auto shell = std::make_shared<std::string>();
    command->add_option("shell", *shell, "The shell that it is for")
        ->required()
        ->type_name("bash|zsh|fish")
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->footer("Example:\n  nodenap completion bash > /etc/bash_completion.d/nodenap");
    command->callback([&app, &line, shell] {
        line.file_command = [&app, shell](FileSession& session) {
            session.terminal.print(completion_script(app, *shell));
            return Exit::decided;
        };
    });
}

}  // namespace nodenap
