#pragma once

#include "app/cli/command_line.hpp"
#include "engine/result.hpp"

#include <CLI/CLI.hpp>

#include <string>

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

/// What an order that changed the state answers: `said`, or as JSON the state after it.
Exit answer(const Session& session, const std::string& said);

/// Says what failed and what to do about it, and answers Exit::failed.
Exit complain_of(const Session& session, const std::string& what, const Error& error);

}  // namespace nodenap
