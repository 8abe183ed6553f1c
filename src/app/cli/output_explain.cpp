#include "app/cli/explain_report.hpp"
#include "app/cli/table.hpp"

#include "base/harmless.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace nodenap {
namespace {

using Json = nlohmann::ordered_json;

/// "node-a, node-b, node-c and 7 more".
std::string some_of(const std::vector<std::string>& names) {
    constexpr std::ptrdiff_t most = 3;
    const auto shown = std::min(most, std::ssize(names));
    const auto more = std::ssize(names) - shown;
    const std::vector<std::string> first(names.begin(), names.begin() + shown);
    return fmt::format("{}{}", fmt::join(first, ", "),
                       more > 0 ? fmt::format(" and {} more", more) : "");
}

bool is_same_answer(const PodExplanation& a, const PodExplanation& b) {
    return a.fits == b.fits && a.why_not == b.why_not && a.pools == b.pools &&
           a.not_judged == b.not_judged;
}

/// "  does not fit  node-a, node-b: taint dedicated=db:NoSchedule is not tolerated"
std::string line_of(std::string_view what, const std::string& told, const Style& style) {
    constexpr std::size_t indent = 16;
    const auto width = style.width > indent ? style.width - indent : 0;
    return fmt::format("  {:<12}  {}\n", what, wrapped(harmless(told), width, indent));
}

/// Nodes with the same reason share a line.
std::string answer_text(const PodExplanation& pod, const Style& style) {
    std::string text;
    if (!pod.not_judged.empty()) text += line_of("no launch", pod.not_judged, style);
    if (!pod.fits.empty()) text += line_of("fits on", some_of(pod.fits), style);
    std::map<std::string, std::vector<std::string>> nodes_of;
    for (const auto& [node, reason] : pod.why_not) nodes_of[reason].push_back(node);
    for (const auto& [reason, nodes] : nodes_of)
        text += line_of("does not fit", some_of(nodes) + ": " + reason, style);
    for (const auto& [pool, answer] : pod.pools)
        text += line_of("new node", "pool " + pool + ": " + answer, style);
    return text;
}

std::string json_text(Json out) { return out.dump(2, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string pods_explained_text(const std::vector<PodExplanation>& pods, const Style& style) {
    if (pods.empty()) return "No pending pods.\n";
    std::string text;
    for (auto at = pods.begin(); at != pods.end();) {
        const auto end = std::find_if(
            at, pods.end(), [&](const PodExplanation& pod) { return !is_same_answer(*at, pod); });
        const auto more = end - at - 1;
        text += tinted(harmless(at->pod), Tint::strong, style);
        text += more > 0 ? fmt::format(" and {} more alike\n", more) : "\n";
        text += answer_text(*at, style) + "\n";
        at = end;
    }
    return text;
}

std::string pods_explained_json(const std::vector<PodExplanation>& pods) {
    Json out{{"version", 1}, {"pods", Json::array()}};
    for (const auto& pod : pods) {
        Json one{{"pod", pod.pod},
                 {"fits", pod.fits},
                 {"why_not", Json::object()},
                 {"pools", Json::object()},
                 {"not_judged", pod.not_judged}};
        for (const auto& [node, reason] : pod.why_not) one["why_not"][node] = reason;
        for (const auto& [pool, answer] : pod.pools) one["pools"][pool] = answer;
        out["pods"].push_back(std::move(one));
    }
    return json_text(std::move(out));
}

std::string nodes_explained_text(const std::vector<NodeExplanation>& nodes, const Style& style) {
    if (nodes.empty()) return "No nodes.\n";
    Table table({"NODE", "REMOVABLE", "BECAUSE"});
    for (const auto& node : nodes)
        table.add({node.node, node.removable ? "yes" : "no", node.reason});
    return table.text(style);
}

std::string nodes_explained_json(const std::vector<NodeExplanation>& nodes) {
    Json out{{"version", 1}, {"nodes", Json::array()}};
    for (const auto& node : nodes) {
        out["nodes"].push_back({{"node", node.node},
                                {"ours", node.ours},
                                {"removable", node.removable},
                                {"reason", node.reason}});
    }
    return json_text(std::move(out));
}

}  // namespace nodenap
