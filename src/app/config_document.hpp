#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nodenap {

struct ConfigNode;
using ConfigTable = std::map<std::string, ConfigNode, std::less<>>;
using ConfigList = std::vector<ConfigNode>;

/// A value of the file and the line it begins on. Dates have no use here: monostate.
struct ConfigNode {
    int line = 1;
    std::variant<std::monostate, bool, std::int64_t, double, std::string, ConfigList, ConfigTable>
        value;
};

/// One thing that is wrong in a file.
struct Diagnostic {
    int line = 0;         // 0: of no line, but of the environment or the whole file
    std::string key;      // "pool[0].zones", or the variable's name; empty: of the whole line
    std::string message;  // what is wrong and what is allowed
    friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// The file as a tree, or where and why it is not TOML.
struct ConfigDocument {
    ConfigTable root;
    int error_line = 0;  // 0: none
    std::string error;
};

ConfigDocument parse_config_document(std::string_view text);

/// "a string", "a whole number", "a list", … for messages.
std::string_view kind_of(const ConfigNode& node);

/// The line of "pool[0].subnets", else of the nearest table above it that the file has, else 1.
int line_of(const ConfigTable& root, std::string_view path);

}  // namespace nodenap
