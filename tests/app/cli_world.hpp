#pragma once

// Runs one command line against fake ports and catches what it prints.

#include "app/cli/command_line.hpp"
#include "app_world.hpp"

#include <atomic>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace nodenap::test {

/// A file without a name, as a stream to write to and read back.
class CaughtStream {
public:
    CaughtStream();
    std::FILE* get() const { return file_.get(); }
    std::string text() const;

private:
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

/// A terminal of the kernel's: what a program sees where a person sits.
class PseudoTerminal {
public:
    PseudoTerminal();
    ~PseudoTerminal();
    PseudoTerminal(const PseudoTerminal&) = delete;
    PseudoTerminal& operator=(const PseudoTerminal&) = delete;

    std::FILE* file() const { return file_; }
    void type(const std::string& text) const;
    /// What was shown since the last call; waits until there is something.
    std::string shown() const;

private:
    int master_;
    std::FILE* file_ = nullptr;
};

struct Printed {
    Exit exit = Exit::decided;
    std::string out;
    std::string err;
};

/// `words` as on the command line, without "nodenap". A fault in them is Exit::usage.
Printed run_line(CalmWorld& world, const std::vector<std::string>& words,
                 const std::atomic<bool>& interrupted);
Printed run_line(CalmWorld& world, const std::vector<std::string>& words);

/// The same with streams of the caller's, who also reads them: `out` is filled only for a line
/// that could not be read.
Printed run_on(CalmWorld& world, std::vector<std::string> words, const Streams& streams,
               const std::atomic<bool>& interrupted);

/// Somebody else's pass is at work, and will be for longer than any command waits.
void hold_lease(CalmWorld& world);

State state_of(CalmWorld& world);

}  // namespace nodenap::test
