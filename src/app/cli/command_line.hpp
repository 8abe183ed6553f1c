#pragma once

#include "app/cli/terminal.hpp"
#include "app/config.hpp"
#include "controller/ports.hpp"
#include "doctor/ports.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <vector>

// The library's own name.
namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
}

namespace nodenap {

/// What the process answers with, for scripts.
enum class Exit : int { decided = 0, failed = 1, usage = 2, interrupted = 130 };

/// What every command may be told.
struct CommonOptions {
    std::string config;
    OutputForm output = OutputForm::table;
    ColorChoice color = ColorChoice::automatic;
    bool events = false;  // the event log goes to standard error
};

/// What a command works with once the configuration is read and everything is wired.
struct Session {
    const Ports& ports;
    const Settings& settings;
    const CommonOptions& options;
    Terminal& terminal;
    std::function<std::string()> random;
    const std::atomic<bool>& interrupted;
    const PreflightPorts& preflight;  // of doctor only
};

/// What a command works with that needs the file only.
struct FileSession {
    std::string file;
    const CommonOptions& options;
    Terminal& terminal;
    const Environment& environment;
    const std::atomic<bool>& interrupted;
    Time now{};
};

/// Says what is wrong with a file, under `--output json` as a document too; answers Exit::usage.
Exit refuse_file(const FileSession& session, const std::string& file,
                 const std::vector<std::string>& faults,
                 const std::vector<Diagnostic>& diagnostics);

/// The same of an error that no peer made: the text alone; answers `exit`.
Exit refuse(const CommonOptions& options, Terminal& terminal, const Error& error, Exit exit);

/// The command that was asked for: exactly one of the two is set once the line is parsed.
struct CommandLine {
    CommonOptions common;
    std::function<Exit(Session&)> command;
    std::function<Exit(FileSession&)> file_command;
    bool is_service = false;  // runs until it is stopped: SIGTERM is no failure
};

/// All commands with their help. `app` and `line` must live until the chosen one has run.
void describe(CLI::App& app, CommandLine& line);

/// One for each command, each in the file of its name.
void add_tick(CLI::App& app, CommandLine& line);
void add_run(CLI::App& app, CommandLine& line);
void add_plan(CLI::App& app, CommandLine& line);
void add_nodes(CLI::App& app, CommandLine& line);
void add_explain(CLI::App& app, CommandLine& line);
void add_status(CLI::App& app, CommandLine& line);
void add_history(CLI::App& app, CommandLine& line);
void add_pause(CLI::App& app, CommandLine& line);
void add_resume(CLI::App& app, CommandLine& line);
void add_unlock(CLI::App& app, CommandLine& line);
void add_cost(CLI::App& app, CommandLine& line);
void add_doctor(CLI::App& app, CommandLine& line);
void add_config(CLI::App& app, CommandLine& line);
void add_simulate(CLI::App& app, CommandLine& line);
void add_help(CLI::App& app, CommandLine& line);
void add_version(CLI::App& app, CommandLine& line);
void add_completion(CLI::App& app, CommandLine& line);

}  // namespace nodenap
