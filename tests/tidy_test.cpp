// Checks the structure of the project: includes between folders, sizes, names. All errors are
// printed at once, as "file:line: error".

#include "tidy_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace nodenap::test {
namespace {

class Faults {
public:
    void add(const std::string& file, std::size_t line, const std::string& text) {
        all_ += "\n" + file + ":" + std::to_string(line) + ": " + text;
    }
    void expect_none() const { EXPECT_TRUE(all_.empty()) << all_; }

private:
    std::string all_;
};

TEST(TidyTest, ARoomIncludesOnlyRoomsBelowIt) {
    const std::map<std::string, std::set<std::string>> below = {
        {"base", {}},
        {"model", {"base"}},
        {"scheduling", {"base", "model"}},
        {"decide", {"base", "model", "scheduling"}},
        {"controller", {"base", "model", "decide"}},
        {"adapters", {"base", "model", "decide", "controller"}},
        {"sim", {"base", "model", "scheduling", "decide", "controller", "adapters"}},
        {"cost", {"base"}},
        {"doctor", {"base", "model", "decide", "controller", "adapters"}},
        {"app", {"base", "model", "decide", "controller", "adapters", "sim", "cost", "doctor"}}};
    Faults faults;
    for (const auto& file : sources()) {
        const auto room = below.find(room_of(file.path));
        if (room == below.end()) {
            faults.add(file.path, 1, "stands in no room");
            continue;
        }
        for (const auto& include : includes_of(file)) {
            const auto other = room_of(include.name);
            if (!include.ours || other == room->first || room->second.contains(other)) continue;
            faults.add(file.path, include.line, room->first + " may not include " + include.name);
        }
    }
    faults.expect_none();
}

TEST(TidyTest, WhatDecidesKnowsNoClockNoFileAndNoThread) {
    const std::set<std::string> pure = {"model", "scheduling", "decide", "cost"};
    const std::set<std::string> allowed = {"algorithm",
                                           "array",
                                           "bit",
                                           "cassert",
                                           "chrono",
                                           "cmath",
                                           "compare",
                                           "concepts",
                                           "cstddef",
                                           "cstdint",
                                           "deque",
                                           "functional",
                                           "initializer_list",
                                           "iterator",
                                           "limits",
                                           "map",
                                           "numeric",
                                           "optional",
                                           "queue",
                                           "ranges",
                                           "set",
                                           "span",
                                           "string",
                                           "string_view",
                                           "tuple",
                                           "type_traits",
                                           "unordered_map",
                                           "unordered_set",
                                           "utility",
                                           "variant",
                                           "vector"};
    Faults faults;
    for (const auto& file : sources()) {
        if (!pure.contains(room_of(file.path))) continue;
        for (const auto& include : includes_of(file)) {
            if (include.ours || allowed.contains(include.name)) continue;
            faults.add(file.path, include.line,
                       room_of(file.path) + " may not include " + include.name);
        }
    }
    faults.expect_none();
}

TEST(TidyTest, EachLibraryHasItsPlace) {
    struct Place {
        std::string header;  // how its name begins
        std::vector<std::string> files;
    };
    const Place places[] = {
        {"curl/", {"src/adapters/http/"}},
        {"openssl/", {"src/adapters/"}},
        {"pugixml", {"src/adapters/", "src/doctor/"}},
        {"simdjson", {"src/adapters/", "src/doctor/", "src/app/config"}},
        {"nlohmann/",
         {"src/adapters/", "src/doctor/", "src/app/config", "src/app/cli/", "src/sim/wire/"}},
        {"toml++/", {"src/app/config", "src/app/cli/simulate"}},
        {"CLI/", {"src/app/cli/", "src/app/main_cli.cpp"}},
        {"sqlite3", {"src/adapters/store/sqlite"}},
        {"fmt/", {"src/adapters/", "src/sim/", "src/doctor/", "src/app/"}}};
    Faults faults;
    for (const auto& file : sources()) {
        for (const auto& include : includes_of(file)) {
            for (const auto& place : places) {
                const bool is_it = !include.ours && include.name.starts_with(place.header);
                if (!is_it || matches_any(file.path, place.files)) continue;
                faults.add(file.path, include.line, include.name + " has no place here");
            }
        }
    }
    faults.expect_none();
}

TEST(TidyTest, OnlyTheWiringsNameConcreteAdapters) {
    /// The adapters that the rest of app may include: texts, values and files, but no network. The
    /// exception is the Runtime API, the main loop of the function.
    const std::map<std::string, std::vector<std::string>> allowed = {
        {"adapters/json/decision_json.hpp", {"src/app/handler", "src/app/cli/"}},
        {"adapters/system/own_file.hpp", {"src/app/cli/"}},
        {"adapters/kubernetes/read_cluster_state.hpp", {"src/app/cli/cluster_files"}},
        {"adapters/lambda/event.hpp", {"src/app/handler"}},
        {"adapters/aws/credentials.hpp", {"src/app/config"}},
        {"adapters/aws/profile_files.hpp", {"src/app/config_profile"}},
        {"adapters/prometheus/matcher.hpp", {"src/app/config_settings"}},
        {"adapters/http/http.hpp", {"src/app/http_setup"}},
        {"adapters/lambda/runtime.hpp", {"src/app/main_lambda"}}};
    Faults faults;
    for (const auto& file : sources()) {
        const bool may = matches_any(file.path, {"src/app/wiring_"});
        if (room_of(file.path) != "app" || may) continue;
        for (const auto& include : includes_of(file)) {
            if (room_of(include.name) != "adapters") continue;
            const auto entry = allowed.find(include.name);
            if (entry != allowed.end() && matches_any(file.path, entry->second)) continue;
            faults.add(file.path, include.line, include.name + " belongs into a wiring");
        }
    }
    faults.expect_none();
}

TEST(TidyTest, SomeWordsHaveOneHome) {
    struct Word {
        const char* word;
        std::vector<std::string> files;
        const char* why;
    };
    const Word words[] = {
        {"getenv", {"src/app/config.cpp"}, "only config reads the environment"},
        {"environ", {}, "only config reads the environment"},
        {"catch", {"src/app/main_"}, "no exception crosses a function of Nodenap"},
        {"throw", {}, "a failure is a Result"},
        {"system_clock::now",
         {"src/adapters/system/system_clock.cpp", "src/adapters/http/http.cpp"},
         "time comes through the Clock"},
        {"steady_clock::now",
         {"src/adapters/system/system_clock.cpp"},
         "time comes through the Clock"},
        {"sleep_for",
         {"src/adapters/", "src/controller/", "src/sim/", "src/app/"},
         "the engine does not wait"},
        {"curl_easy_setopt", {"src/adapters/http/"}, "only http names curl"},
        {"curl_multi_perform", {"src/adapters/http/"}, "only http names curl"},
        {"CURL", {"src/adapters/http/"}, "only http names curl"},
        {"using namespace std;", {}, "names must show where they come from"}};
    Faults faults;
    for (const auto& file : sources()) {
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const auto code = code_of(file.lines[i]);
            for (const auto& each : words) {
                if (!has_word(code, each.word) || matches_any(file.path, each.files)) continue;
                faults.add(file.path, i + 1, std::string(each.word) + ": " + each.why);
            }
        }
    }
    faults.expect_none();
}

TEST(TidyTest, NoFileIsLongerThanAPersonReadsAtOnce) {
    constexpr std::size_t most_lines = 400;
    Faults faults;
    for (const auto& file : everything()) {
        if (file.lines.size() <= most_lines) continue;
        faults.add(file.path, file.lines.size(), "more than 400 lines");
    }
    faults.expect_none();
}

TEST(TidyTest, NoLineIsWiderThanTheScreen) {
    constexpr std::ptrdiff_t most_columns = 100;
    constexpr const char* ends[] = {".cpp", ".hpp", ".py", ".sh", ".go"};
    const auto is_code = [&](const std::string& path) {
        return std::any_of(std::begin(ends), std::end(ends),
                           [&](const char* end) { return path.ends_with(end); });
    };
    const auto columns = [](const std::string& line) {
        return std::count_if(line.begin(), line.end(),
                             [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    };
    // URLs and recorded responses are not split.
    const auto is_whole = [](const std::string& line) {
        return line.find("/// https://") == 0 || line.find("R\"(") != std::string::npos;
    };
    Faults faults;
    for (const auto& file : everything()) {
        if (!is_code(file.path)) continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            if (columns(file.lines[i]) <= most_columns || is_whole(file.lines[i])) continue;
            faults.add(file.path, i + 1, std::to_string(columns(file.lines[i])) + " columns");
        }
    }
    faults.expect_none();
}

TEST(TidyTest, NoNameThatMeansEverythingElse) {
    const std::set<std::string> meaningless = {"util",   "utils",   "common",  "core",
                                               "helper", "helpers", "manager", "misc"};
    Faults faults;
    for (const auto& file : everything()) {
        for (const auto& part : fs::path(file.path)) {
            std::string word;
            for (const char c : part.string() + ".") {
                if (is_word_char(c) && c != '_') {
                    word += c;
                    continue;
                }
                // Ec2Manager is the established name of the class that implements the Fleet port.
                const bool is_the_fleet = part.string().starts_with("ec2_manager");
                if (meaningless.contains(word) && !is_the_fleet) {
                    faults.add(file.path, 1, "\"" + word + "\" says nothing");
                }
                word.clear();
            }
        }
    }
    faults.expect_none();
}

TEST(TidyTest, APortHasAtMostFiveMethods) {
    constexpr int most_methods = 5;
    const auto ports = read(root / "src/controller/ports.hpp");
    Faults faults;
    std::string name;
    int methods = 0;
    int seen = 0;
    for (std::size_t i = 0; i < ports.lines.size(); ++i) {
        const auto& line = ports.lines[i];
        if (line.starts_with("class ")) name = line.substr(6, line.find_first_of(" {;", 6) - 6);
        if (line.starts_with("class ")) methods = 0;
        if (line.find("= 0;") == std::string::npos) continue;
        ++seen;
        if (++methods == most_methods + 1) faults.add(ports.path, i + 1, name + " has too many");
    }
    EXPECT_GT(seen, 10) << "the ports were found";
    faults.expect_none();
}

TEST(TidyTest, AHeaderIsReadOnceAndASourceProvesThatItsHeaderStandsAlone) {
    std::set<std::string> headers;
    for (const auto& file : sources()) headers.insert(file.path);
    Faults faults;
    for (const auto& file : everything()) {
        if (!file.path.ends_with(".hpp")) continue;
        if (file.lines.empty() || file.lines.front() != "#pragma once") {
            faults.add(file.path, 1, "begins with #pragma once");
        }
    }
    for (const auto& file : sources()) {
        const auto own = fs::path(file.path).replace_extension(".hpp").generic_string();
        if (!file.path.ends_with(".cpp") || !headers.contains(own)) continue;
        const auto includes = includes_of(file);
        if (includes.empty() || "src/" + includes.front().name != own) {
            faults.add(file.path, 1, "includes its own header first");
        }
    }
    faults.expect_none();
}

TEST(TidyTest, EverythingOfOursIsInOneNamespace) {
    Faults faults;
    for (const auto& file : sources()) {
        const bool found = std::any_of(
            file.lines.begin(), file.lines.end(),
            [](const std::string& line) { return line.starts_with("namespace nodenap"); });
        if (!found) faults.add(file.path, 1, "namespace nodenap is missing");
    }
    faults.expect_none();
}

/// The cheap part of `nodenap_one_definition`: two types with one name in one program are undefined
/// behaviour. Names in an unnamed namespace are local to their file.
TEST(TidyTest, ATypeIsDefinedOnce) {
    std::map<std::string, std::string> seen;
    Faults faults;
    for (const auto& file : sources()) {
        std::vector<std::string> open;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const auto& line = file.lines[i];
            if (line.starts_with("namespace ")) open.push_back(line);
            if (line.starts_with("}  // namespace") && !open.empty()) open.pop_back();
            const bool is_own = std::ranges::count(open, "namespace {") > 0;
            const auto name = is_own ? std::string() : type_defined_in(line);
            if (name.empty()) continue;
            const auto [first, is_new] = seen.try_emplace(open.back() + name, file.path);
            if (!is_new) faults.add(file.path, i + 1, name + " is defined in " + first->second);
        }
    }
    EXPECT_GT(seen.size(), 100U) << "types were found";
    faults.expect_none();
}

TEST(TidyTest, NothingIsLeftForLater) {
    // Written so that this file does not find itself.
    const std::vector<std::string> words = {std::string("TO") + "DO", std::string("FIX") + "ME"};
    Faults faults;
    for (const auto& file : everything()) {
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            for (const auto& word : words) {
                if (has_word(file.lines[i], word)) faults.add(file.path, i + 1, word);
            }
        }
    }
    faults.expect_none();
}

/// "ec2_answers_page" is tested by the test of the longest part that has one, "ec2_answers"; else
/// by that of its folder. The commands' tests stand beside those of app.
bool has_test(const fs::path& source, const std::set<std::string>& tests) {
    auto folder = fs::relative(source.parent_path(), "src");
    if (folder == "app/cli") folder = "app";
    const auto is_there = [&](const std::string& name) {
        return tests.contains((fs::path("tests") / folder / (name + "_test.cpp")).generic_string());
    };
    auto name = source.stem().string();
    while (true) {
        if (is_there(name)) return true;
        const auto cut = name.rfind('_');
        if (cut == std::string::npos) return is_there(folder.filename().string());
        name.resize(cut);
    }
}

TEST(TidyTest, EverySourceHasItsTest) {
    const std::map<std::string, std::string> without = {
        {"main_cli", "the lab starts it"},
        {"main_lambda", "the lab starts it"},
        {"hooks_off", "empty: the lab looks for its absence in what ships"},
        {"wiring_cli", "names concrete adapters only; the lab runs what it builds"},
        {"wiring_lambda", "names concrete adapters only; the lab runs what it builds"}};
    std::set<std::string> tests;
    for (const auto& file : everything()) tests.insert(file.path);
    Faults faults;
    for (const auto& file : sources()) {
        if (!file.path.ends_with(".cpp") || without.contains(stem(file.path))) continue;
        if (!has_test(file.path, tests)) faults.add(file.path, 1, "has no test");
    }
    faults.expect_none();
}

}  // namespace
}  // namespace nodenap::test
