#pragma once

#include "app/cli/command_line.hpp"
#include "base/result.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <string_view>

namespace nodenap {

/// A subcommand with the options that all have. `example` ends its help.
CLI::App* add_command(CLI::App& parent, CommandLine& line, const std::string& name,
                      const std::string& help);
void set_example(CLI::App& command, const std::string& example);

/// An option that takes "90s", "5m", "2h".
struct DurationOption {
    std::string name;  // "--every"
    std::string help;
    Milliseconds least;
};
CLI::Option* add_duration(CLI::App& command, const DurationOption& option, Milliseconds& into);

/// Before a pass: where the file sets no mode, that passes only observe.
void say_if_no_mode(const Session& session);

/// What an order that changed the state answers: `said`, or as JSON the state after it.
Exit answer(const Session& session, const std::string& said);

/// What a command says where it fails: the advice that follows is of the error.
struct Failure {
    std::string what;         // "The state could not be read"
    std::string consequence;  // what that means for the cluster, as a sentence; may be empty
};

inline const Failure state_unread = {"The state could not be read", "Passes may still be running."};
inline const Failure history_unread = {"The history could not be read",
                                       "Passes may still be running."};

inline const Failure pass_failed = {"The pass failed",
                                    "The next pass continues where this one stopped."};

/// "NOT paused", of an order to the state; where the write may have been made, it says so.
std::string not_done(std::string_view order, const Error& error);

/// Says on standard error what failed, what follows from it and what to do about it.
void say_failure(const Session& session, const Failure& failure, const Error& error);

/// The same, and under `--output json` as the document of the command; answers Exit::failed.
Exit complain_of(const Session& session, const Failure& failure, const Error& error);

}  // namespace nodenap
