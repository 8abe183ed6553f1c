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

struct Printed {
    Exit exit = Exit::decided;
    std::string out;
    std::string err;
};

/// `words` as on the command line, without "nodenap". A fault in them is Exit::usage.
Printed run_line(CalmWorld& world, std::vector<std::string> words,
                 const std::atomic<bool>& interrupted);
Printed run_line(CalmWorld& world, const std::vector<std::string>& words);

/// Somebody else's pass is at work, and will be for longer than any command waits.
void hold_lease(CalmWorld& world);

State state_of(CalmWorld& world);

}  // namespace nodenap::test
