#pragma once

#include "app/config_document.hpp"
#include "base/units.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nodenap {

/// "90s", "5m", "2h", "1h30m", "250ms", "7d"; nullopt for anything else. Never negative.
std::optional<Milliseconds> parse_duration(std::string_view text);

/// The one of `words` that `word` is a slip of, or empty.
std::string nearest_word(std::string_view word, const std::vector<std::string>& words);

/// Everything that is wrong in one file, gathered so that a person sees it all at once.
class ConfigFaults {
public:
    /// Says what is wrong with the key at `path` and what is allowed.
    void add(int line, const std::string& path, const std::string& text);
    /// The same, unless something was said by `add` about the key, a part of it or the whole
    /// that it is a part of; says nothing against a second such fault.
    void add_unspoken(int line, const std::string& path, const std::string& text);
    /// Nothing more is to be said about `path`: what follows from its fault would only confuse.
    void silence(const std::string& path) { spoken_.insert(path); }
    bool empty() const { return faults_.empty(); }
    /// By line.
    std::vector<Diagnostic> diagnostics() const;
    /// "FILE:LINE: key: text", by line.
    std::vector<std::string> lines(std::string_view file) const;

private:
    bool has_spoken_of(std::string_view path) const;

    std::vector<Diagnostic> faults_;
    std::set<std::string> spoken_;
};

/// Reads one table key by key; whatever was not asked for is a fault at the end. An absent key
/// leaves its default; a wrong one too, and adds a fault.
class ConfigReader {
public:
    ConfigReader(const ConfigNode& table, std::string path, ConfigFaults& faults);

    void read(std::string_view key, std::string& into);
    void read(std::string_view key, std::optional<std::string>& into);
    void read(std::string_view key, bool& into);
    void read(std::string_view key, std::int64_t& into);
    void read(std::string_view key, int& into);
    void read(std::string_view key, double& into);
    void read(std::string_view key, std::optional<double>& into);
    void read(std::string_view key, Milliseconds& into);
    void read(std::string_view key, std::vector<std::string>& into);
    void read(std::string_view key, std::map<std::string, std::string>& into);

    template <class Enum>
    using Words = std::vector<std::pair<std::string_view, Enum>>;
    template <class Enum>
    void read(std::string_view key, Enum& into, const Words<Enum>& words) {
        std::vector<std::string> names;
        for (const auto& [name, value] : words) names.emplace_back(name);
        const std::optional<std::size_t> found = read_word(key, names);
        if (found) into = words[*found].second;
    }

    /// A key that has no default.
    void require(std::string_view key);
    /// Known, whatever it holds.
    void ignore(std::string_view key) { known_.emplace_back(key); }
    bool has(std::string_view key) const { return table_.contains(key); }
    void fault(std::string_view key, const std::string& text);
    std::string path_of(std::string_view key) const;
    /// Every key of the table that was never asked for is a fault.
    void finish();

private:
    const ConfigNode* find(std::string_view key);
    /// The value if it is a T; a fault that names what it must be, if it is something else.
    template <class T>
    const T* find_as(std::string_view key, std::string_view wanted);
    std::optional<std::size_t> read_word(std::string_view key,
                                         const std::vector<std::string>& words);

    const ConfigTable& table_;
    int line_;
    std::string path_;
    ConfigFaults& faults_;
    std::vector<std::string> known_;
};

}  // namespace nodenap
