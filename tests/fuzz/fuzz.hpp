#pragma once

// Shared by all fuzzers. A fuzzer is one file: try_input takes bytes that libFuzzer derives from
// corpus/, and claims what must hold for each of them.

#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string_view>

namespace nodenap::fuzz {

/// One input. Each fuzzer defines it once.
void try_input(std::string_view input);

/// If it does not hold, the run ends and libFuzzer saves the input.
inline void claim(bool holds, const char* what,
                  std::source_location where = std::source_location::current()) {
    if (holds) return;
    std::fprintf(stderr, "%s:%u: it does not hold that %s\n", where.file_name(),
                 static_cast<unsigned>(where.line()), what);
    std::abort();
}

}  // namespace nodenap::fuzz
