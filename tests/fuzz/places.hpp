#pragma once

// Errors in a file, as `config check` and `simulate` print them.

#include "fuzz/fuzz.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

namespace nodenap::fuzz {

/// "fuzz.toml:7: key: message": names this file and an existing line.
inline void claim_place(std::string_view fault, std::string_view text) {
    constexpr std::string_view file = "fuzz.toml:";
    claim(fault.starts_with(file), "a fault names the file");
    fault.remove_prefix(file.size());
    int line = 0;
    const auto read = std::from_chars(fault.data(), fault.data() + fault.size(), line);
    fault.remove_prefix(static_cast<std::size_t>(read.ptr - fault.data()));
    claim(fault.starts_with(": ") && fault.size() > 2, "a fault says what is wrong");
    const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
    claim(line >= 1 && line <= lines, "a fault names a line of the file");
}

inline void claim_places(const std::vector<std::string>& faults, std::string_view text) {
    for (const auto& fault : faults) claim_place(fault, text);
}

}  // namespace nodenap::fuzz
