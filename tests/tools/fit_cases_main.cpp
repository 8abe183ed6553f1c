// Answers the fit oracle's questions with our own rules, in its formats, for a differential run:
//
//   nodenap_fit_cases FILE...          prints what `oracle fit` prints for these Lists
//   nodenap_fit_cases --compare DIR... judges each case of `oracle gen` beside its fit.json, and
//                                      prints where the two differ; exit 1 if they do
//
// A case is a folder with nodes.json, pods.json, perhaps objects.json, and the oracle's fit.json.

#include "tools/fit_cases.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <vector>

namespace nodenap::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string content(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

Result<ClusterState> read_state(const std::vector<fs::path>& files) {
    std::vector<KubernetesText> texts;
    for (const auto& file : files) texts.push_back({file.string(), content(file)});
    auto read = read_cluster_state(std::move(texts));
    if (!read) return read.error();
    return std::move(read->state);
}

Json answer_of(const Verdicts& verdicts) {
    Json pods = Json::object();
    for (const auto& [pod, nodes] : verdicts) {
        Json fits = Json::array();
        Json rejects = Json::object();
        for (const auto& [node, filters] : nodes) {
            if (filters.empty()) {
                fits.push_back(node);
            } else {
                rejects[node] = filters;
            }
        }
        pods[pod] = {{"fits", fits}, {"rejects", rejects}};
    }
    return {{"pods", pods}};
}

Verdicts verdicts_in(const Json& answer) {
    Verdicts verdicts;
    for (const auto& [pod, told] : answer["pods"].items()) {
        auto& nodes = verdicts[pod];
        for (const auto& node : told["fits"]) nodes[node.get<std::string>()];
        if (!told.contains("rejects")) continue;
        for (const auto& [node, filters] : told["rejects"].items()) {
            // A node that one filter leaves out beforehand has that filter's name elsewhere.
            for (const auto& filter : filters) nodes[node].insert(filter.get<std::string>());
        }
    }
    return verdicts;
}

std::string joined(const std::set<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ",") + name;
    return text.empty() ? "fits" : text;
}

struct Tally {
    int cases = 0;
    int differing = 0;
    std::size_t verdicts = 0;
};

void compare(const fs::path& folder, Tally& tally) {
    std::vector<fs::path> files = {folder / "nodes.json", folder / "pods.json"};
    if (fs::exists(folder / "objects.json")) files.push_back(folder / "objects.json");
    const auto state = read_state(files);
    ++tally.cases;
    if (!state) {
        ++tally.differing;
        std::printf("%s: %s\n", folder.c_str(), state.error().text.c_str());
        return;
    }
    const auto ours = verdicts_of(*state);
    const auto theirs = verdicts_in(Json::parse(content(folder / "fit.json")));
    bool same = ours.size() == theirs.size();
    for (const auto& [pod, nodes] : theirs) {
        for (const auto& [node, filters] : nodes) {
            ++tally.verdicts;
            const auto at = ours.find(pod);
            const auto mine = at == ours.end() || !at->second.contains(node)
                                  ? std::set<std::string>{"not judged"}
                                  : at->second.at(node);
            if (mine == filters) continue;
            same = false;
            std::printf("%s: %s on %s: the scheduler says %s, we say %s\n", folder.c_str(),
                        pod.c_str(), node.c_str(), joined(filters).c_str(), joined(mine).c_str());
        }
    }
    if (!same) ++tally.differing;
}

int compare_all(const std::vector<std::string>& folders) {
    Tally tally;
    for (const auto& folder : folders) compare(folder, tally);
    std::printf("%d cases, %zu verdicts, %d cases differ\n", tally.cases, tally.verdicts,
                tally.differing);
    return tally.differing == 0 && tally.cases > 0 ? 0 : 1;
}

int answer(const std::vector<std::string>& files) {
    const auto state = read_state({files.begin(), files.end()});
    if (!state) {
        std::fprintf(stderr, "%s\n", state.error().text.c_str());
        return 1;
    }
    std::cout << answer_of(verdicts_of(*state)).dump(1) << "\n";
    return 0;
}

}  // namespace
}  // namespace nodenap::test

int main(int count, char** arguments) {
    std::vector<std::string> all(arguments + 1, arguments + count);
    if (all.empty()) return 2;
    if (all.front() != "--compare") return nodenap::test::answer(all);
    all.erase(all.begin());
    return nodenap::test::compare_all(all);
}
