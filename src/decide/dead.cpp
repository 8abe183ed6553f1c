#include "decide/dead.hpp"

#include "decide/joining.hpp"
#include "decide/trust.hpp"

#include <algorithm>

namespace nodenap {
namespace {

bool holds_only_pods_being_deleted(const Node& node) {
    if (node.unlisted_pods > 0) return false;
    return node.requested.pods - node.daemonset_requested.pods <= node.pods_being_deleted;
}

/// If DaemonSets run, a node without any pod is one whose pods are not reported.
bool runs_daemonsets(const Snapshot& snapshot) {
    const auto& nodes = snapshot.signals.nodes.value();
    return std::any_of(nodes.begin(), nodes.end(),
                       [](const Node& node) { return node.daemonset_requested.pods > 0; });
}

bool many_are_not_ready(const Membership& members) {
    const int notready = members.count(Stage::notready);
    const int joined = notready + members.count(Stage::ready);
    return notready > 1 && 3 * notready > joined;
}

}  // namespace

Time unanswered_since(const Member& member, const Snapshot& snapshot) {
    const auto* known = member.known;
    const bool told = known != nullptr && known->notready_since.has_value();
    const bool waits = member.node->pods_being_deleted > 0 && !hides_pods(snapshot);
    return told && waits ? *known->notready_since : notready_since(member, snapshot);
}

namespace {

/// The workers that would be dead, with or without data from their hosts.
std::vector<const Member*> unanswered(const Membership& members, const Snapshot& snapshot,
                                      bool answers) {
    std::vector<const Member*> found;
    if (!snapshot.signals.nodes.known() || members.nodes_are_partial()) return found;
    if (many_are_not_ready(members)) return found;
    const bool expects_pods = runs_daemonsets(snapshot);
    const Use nothing;
    const auto& cpu = snapshot.signals.cpu;
    const HostFinder hosts(cpu.known() ? cpu.value() : nothing);
    for (const auto& member : members.members) {
        if (member.stage != Stage::notready || member.node == nullptr) continue;
        if (snapshot.now - unanswered_since(member, snapshot) <= notready_patience) continue;
        if (expects_pods && member.node->requested.pods == 0) continue;
        if (!holds_only_pods_being_deleted(*member.node)) continue;
        if ((hosts.use_of(member.instance, member.node) != nullptr) == answers)
            found.push_back(&member);
    }
    return found;
}

}  // namespace

std::vector<const Member*> dead_workers(const Membership& members, const Snapshot& snapshot) {
    return unanswered(members, snapshot, false);
}

std::vector<const Member*> stuck_workers(const Membership& members, const Snapshot& snapshot) {
    return unanswered(members, snapshot, true);
}

}  // namespace nodenap
