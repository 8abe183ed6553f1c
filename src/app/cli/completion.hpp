#pragma once

#include <string>
#include <string_view>

// The library's own name.
namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
}

namespace nodenap {

/// What bash, zsh or fish sources to complete commands and options; files where nothing else is
/// known. `shell` is one of "bash", "zsh" and "fish".
std::string completion_script(const CLI::App& app, std::string_view shell);

}  // namespace nodenap
