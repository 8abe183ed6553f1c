#include "app/cli/command_line.hpp"
#include "app/cli/output_json.hpp"
#include "app/random.hpp"
#include "app/wiring_cli.hpp"
#include "base/harmless.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <span>
#include <sstream>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

namespace nodenap {
namespace {

std::atomic<bool> interrupted{false};
std::atomic<bool> terminated{false};  // by SIGTERM, as systemd stops a service
static_assert(std::atomic<bool>::is_always_lock_free);

/// The first signal lets the pass end and release its lease; the second does not wait for it.
void interrupt(int signal) {
    if (signal == SIGTERM) terminated = true;
    if (interrupted.exchange(true)) _exit(static_cast<int>(Exit::interrupted));
}

void listen_to_signals() {
    struct sigaction action {};
    action.sa_handler = interrupt;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

std::string config_file(const CommonOptions& options, const Environment& environment) {
    if (!options.config.empty()) return options.config;
    return environment.config_path.empty() ? "nodenap.toml" : environment.config_path;
}

Exit run_command(const CommandLine& line, const FileSession& file,
                 const Result<std::optional<ChosenProfile>>& profile) {
    const LoadedConfig loaded = load_config(file.file, file.environment, Program::command);
    if (!loaded.faults.empty()) {
        return refuse_file(file, file.file, loaded.faults, loaded.diagnostics);
    }
    const auto wiring = CommandWiring::make({loaded.settings, file.environment, file.terminal,
                                             interrupted, line.common.events, profile});
    if (!wiring) {
        const bool is_usage = wiring.error().kind == ErrorKind::invalid;
        return refuse(line.common, file.terminal, wiring.error(),
                      is_usage ? Exit::usage : Exit::failed);
    }
    Session session{(*wiring)->ports(), loaded.settings, line.common,           file.terminal,
                    random_hex,         interrupted,     (*wiring)->preflight()};
    return line.command(session);
}

Exit run_line(const CommandLine& line) {
    Environment environment = process_environment();
    const auto profile = choose_profile(environment.shared);
    if (profile && *profile && environment.region.empty()) environment.region = (*profile)->region;
    Terminal terminal({}, line.common.color, environment.no_color, line.common.output);
    FileSession file{config_file(line.common, environment),
                     line.common,
                     terminal,
                     environment,
                     interrupted,
                     present_time()};
    const Exit exit =
        line.file_command ? line.file_command(file) : run_command(line, file, profile);
    terminal.end_progress();
    if (exit == Exit::interrupted && line.is_service && terminated) return Exit::decided;
    return exit == Exit::decided && terminal.has_lost_output() ? Exit::failed : exit;
}

/// A line that could not be read may still say in which form it wants its answer.
bool asks_for_json(std::span<char* const> words) {
    std::string line;
    for (const char* word : words) line += std::string(word) + " ";
    constexpr std::array<std::string_view, 4> forms = {" -o json ", " -ojson ", " --output json ",
                                                       " --output=json "};
    return std::ranges::any_of(
        forms, [&](std::string_view form) { return line.find(form) != std::string::npos; });
}

/// Help, the version, or what is wrong with the line.
Exit answer_without_command(const CLI::App& app, const CLI::ParseError& error, bool as_json) {
    std::ostringstream out;
    const int code = app.exit(error, out, std::cerr);
    const bool is_json = as_json && code != 0;
    Terminal terminal({}, ColorChoice::never, true, is_json ? OutputForm::json : OutputForm::table);
    const Error fault{ErrorKind::invalid, error.what(), "usage"};
    terminal.print(is_json ? failure_json(fault, fault.text, "See --help.") + "\n" : out.str());
    if (code != 0) return Exit::usage;
    return terminal.has_lost_output() ? Exit::failed : Exit::decided;
}

/// CLI11 says what is wrong with the line by throwing, and help and version too.
int run(CLI::App& app, int count, char** words) {
    listen_to_signals();
    CommandLine line;
    describe(app, line);
    try {
        app.parse(count, words);
    } catch (const CLI::ParseError& error) {
        return static_cast<int>(answer_without_command(
            app, error, asks_for_json({words, static_cast<std::size_t>(count)})));
    }
    return static_cast<int>(run_line(line));
}

}  // namespace
}  // namespace nodenap

int main(int count, char** words) {
    // The state and the simulator's page name pods and instances: files are their owner's alone.
    umask(S_IRWXG | S_IRWXO);
    try {
        CLI::App app;
        return nodenap::run(app, count, words);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "nodenap: internal error (please report): %s\n",
                     nodenap::harmless(error.what()).c_str());
        return static_cast<int>(nodenap::Exit::failed);
    }
}
