#pragma once

// The project's files as text, for tests of its structure.

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nodenap::test {

namespace fs = std::filesystem;

inline const fs::path root = NODENAP_SOURCE_DIR;

struct File {
    std::string path;  // from the project's folder, with slashes
    std::vector<std::string> lines;
};

struct Include {
    std::size_t line;
    std::string name;  // without its quotes
    bool ours;
};

/// Caches, recorded responses, and generated files.
inline bool is_skipped(const fs::path& path) {
    static const std::set<std::string> names = {
        "fixtures", "golden",           "corpus",       "__pycache__",
        "go.sum",   "requirements.txt", "node_modules", "package-lock.json"};
    const auto name = path.filename().string();
    return names.contains(name) || name.starts_with('.');
}

inline File read(const fs::path& path) {
    File file{fs::relative(path, root).generic_string(), {}};
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) file.lines.push_back(std::move(line));
    return file;
}

inline std::vector<File> read_all(const std::vector<std::string>& folders) {
    std::vector<File> files;
    for (const auto& folder : folders) {
        if (!fs::exists(root / folder)) continue;
        auto at = fs::recursive_directory_iterator(root / folder);
        for (; at != fs::recursive_directory_iterator(); ++at) {
            if (is_skipped(at->path())) {
                at.disable_recursion_pending();
            } else if (at->is_regular_file()) {
                files.push_back(read(at->path()));
            }
        }
    }
    std::sort(files.begin(), files.end(),
              [](const File& a, const File& b) { return a.path < b.path; });
    return files;
}

inline const std::vector<File>& everything() {
    static const auto files = read_all({"src", "tests", "lab", "tools", "infra", "bench"});
    return files;
}

inline bool is_cpp(const File& file) {
    return file.path.ends_with(".cpp") || file.path.ends_with(".hpp");
}

inline std::vector<File> sources() {
    std::vector<File> result;
    for (const auto& file : everything()) {
        if (file.path.starts_with("src/") && is_cpp(file)) result.push_back(file);
    }
    return result;
}

inline std::string stem(const std::string& path) { return fs::path(path).stem().string(); }

/// "adapters" of "src/adapters/http/http.cpp" and of "adapters/http/http.hpp".
inline std::string room_of(std::string_view path) {
    if (path.starts_with("src/")) path.remove_prefix(4);
    return std::string(path.substr(0, path.find('/')));
}

inline std::vector<Include> includes_of(const File& file) {
    std::vector<Include> result;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        const auto& line = file.lines[i];
        if (!line.starts_with("#include ")) continue;
        const auto begin = line.find_first_of("<\"");
        const auto end = line.find_first_of(">\"", begin + 1);
        if (end == std::string::npos) continue;
        result.push_back({i + 1, line.substr(begin + 1, end - begin - 1), line[begin] == '"'});
    }
    return result;
}

/// The line without its comment and quoted text.
inline std::string code_of(const std::string& line) {
    std::string code;
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"' && (i == 0 || line[i - 1] != '\\')) quoted = !quoted;
        if (!quoted && line.substr(i, 2) == "//") break;
        if (!quoted) code += line[i];
    }
    return code;
}

inline bool is_word_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

inline bool has_word(const std::string& code, const std::string& word) {
    for (auto at = code.find(word); at != std::string::npos; at = code.find(word, at + 1)) {
        const bool begins = at == 0 || !is_word_char(code[at - 1]);
        const auto after = at + word.size();
        if (begins && (after >= code.size() || !is_word_char(code[after]))) return true;
    }
    return false;
}

/// "Session" of "struct Session {" or of "class Session final : public Other {"; else empty.
inline std::string type_defined_in(const std::string& line) {
    for (const std::string word : {"struct ", "class ", "enum class "}) {
        if (!line.starts_with(word) || line.find('{') == std::string::npos) continue;
        const auto rest = line.substr(word.size());
        const auto end = rest.find_first_of(" :{<");
        // "Http::Call" is a part of another.
        return rest.compare(end, 2, "::") == 0 ? std::string() : rest.substr(0, end);
    }
    return "";
}

inline bool matches_any(std::string_view path, const std::vector<std::string>& beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](const std::string& each) { return path.starts_with(each); });
}

}  // namespace nodenap::test
