#pragma once

// Runs one command line against fake ports and catches what it prints.

#include "app/cli/command_line.hpp"
#include "app_world.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace nodenap::test {

/// A file without a name, as a stream to write to and read back.
class CaughtStream {
public:
    CaughtStream() : file_(std::tmpfile(), &std::fclose) {}
    std::FILE* get() const { return file_.get(); }
    std::string text() const {
        std::string text(static_cast<std::size_t>(std::ftell(file_.get())), '\0');
        std::rewind(file_.get());
        text.resize(std::fread(text.data(), 1, text.size(), file_.get()));
        return text;
    }

private:
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

struct Printed {
    Exit exit = Exit::decided;
    std::string out;
    std::string err;
};

/// `words` as on the command line, without "nodenap". A fault in them is Exit::usage.
inline Printed run_line(CalmWorld& world, std::vector<std::string> words,
                        const std::atomic<bool>& interrupted) {
    CLI::App app;
    CommandLine line;
    describe(app, line);
    std::reverse(words.begin(), words.end());  // CLI11 takes them off the end
    try {
        app.parse(words);
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        std::ostringstream err;
        const bool asked_for_help = app.exit(error, out, err) == 0;
        return {asked_for_help ? Exit::decided : Exit::usage, out.str(), err.str()};
    }
    CaughtStream in;
    CaughtStream out;
    CaughtStream err;
    Terminal terminal({in.get(), out.get(), err.get()}, line.common.color, false);
    Session session{world.ports, world.settings,    line.common,
                    terminal,    counting_random(), interrupted};
    const Environment environment;
    FileSession file{line.common.config, line.common, terminal, environment};
    const Exit exit = line.command ? line.command(session) : line.file_command(file);
    return {exit, out.text(), err.text()};
}

inline Printed run_line(CalmWorld& world, const std::vector<std::string>& words) {
    const std::atomic<bool> never{false};
    return run_line(world, words, never);
}

}  // namespace nodenap::test
