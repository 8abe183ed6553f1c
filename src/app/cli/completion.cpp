#include "app/cli/completion.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace nodenap {
namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App*) { return true; });
}

/// "--config -c --output -o", and the subcommands.
std::vector<std::string> words_of(const CLI::App& app) {
    std::vector<std::string> words;
    for (const CLI::App* command : commands_of(app)) words.push_back(command->get_name());
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
        for (const std::string& name : option->get_snames()) words.push_back("-" + name);
    }
    return words;
}

/// Those of a command, and of the commands below it: "check init --help --config …".
std::vector<std::string> words_below(const CLI::App& command) {
    std::vector<std::string> words = words_of(command);
    for (const CLI::App* below : commands_of(command)) {
        for (auto& word : words_of(*below)) {
            if (std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
        }
    }
    return words;
}

std::string bash_script(const CLI::App& app) {
    std::string cases;
    for (const CLI::App* command : commands_of(app)) {
        cases += fmt::format("        {}) words='{}' ;;\n", command->get_name(),
                             fmt::join(words_below(*command), " "));
    }
    return fmt::format(
        "# Completion of nodenap, for bash.\n"
        "_nodenap() {{\n"
        "    local words current=${{COMP_WORDS[COMP_CWORD]}}\n"
        "    case ${{COMP_WORDS[1]}} in\n"
        "{}"
        "        *) words='{}' ;;\n"
        "    esac\n"
        "    if [ \"$COMP_CWORD\" = 1 ]; then words='{}'; fi\n"
        "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
        "}}\n"
        "complete -o default -F _nodenap nodenap\n",
        cases, fmt::join(words_of(app), " "), fmt::join(words_of(app), " "));
}

/// In fish a quote within quotes is written with a backslash.
std::string quoted(std::string text) {
    for (auto at = text.find('\''); at != std::string::npos; at = text.find('\'', at + 2)) {
        text.insert(at, "\\");
    }
    return "'" + text + "'";
}

std::string fish_options(const CLI::App& command) {
    std::string text;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& word : option->get_lnames()) {
            text +=
                fmt::format("complete -c nodenap -n '__fish_seen_subcommand_from {}' -l {} -d {}\n",
                            command.get_name(), word, quoted(option->get_description()));
        }
    }
    return text;
}

/// The commands of `app`, offered where `where` holds, with all that is below them.
std::string fish_commands(const CLI::App& app, const std::string& where) {
    std::string text;
    for (const CLI::App* command : commands_of(app)) {
        text += fmt::format("complete -c nodenap -n {} -f -a {} -d {}\n", where,
                            command->get_name(), quoted(command->get_description()));
        text += fish_options(*command);
        text +=
            fish_commands(*command, quoted("__fish_seen_subcommand_from " + command->get_name()));
    }
    return text;
}

std::string fish_script(const CLI::App& app) {
    return "# Completion of nodenap, for fish.\n" + fish_commands(app, "__fish_use_subcommand");
}

}  // namespace

std::string completion_script(const CLI::App& app, std::string_view shell) {
    if (shell == "fish") return fish_script(app);
    if (shell == "bash") return bash_script(app);
    return "#compdef nodenap\nautoload -U +X bashcompinit && bashcompinit\n" + bash_script(app);
}

}  // namespace nodenap
