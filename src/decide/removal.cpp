#include "decide/removal.hpp"

#include "decide/backoff.hpp"
#include "decide/cooldown.hpp"
#include "decide/dead.hpp"
#include "decide/explain.hpp"
#include "decide/joining.hpp"
#include "decide/remaining.hpp"
#include "decide/saving.hpp"
#include "decide/shortage.hpp"
#include "decide/trust.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

using Case = RemovalContext;
using Verdict = std::optional<Reason>;

Reason unavailable(const char* what, const std::string& cause) {
    return {ReasonCode::metrics_unknown,
            std::string(what) + " unavailable (" + cause + "); no node will be removed"};
}

/// The inputs of a removal of any kind.
Verdict unknown_nodes(const Case& c) {
    const auto& signals = c.snapshot.signals;
    if (!signals.nodes.known()) return unavailable("node data", signals.nodes.cause());
    if (c.members.nodes_are_partial()) {
        const auto cause = "Prometheus reports no Node for " +
                           std::to_string(c.members.missing_nodes) + " of " +
                           counted(c.members.expected_nodes, "instance");
        return unavailable("node data", cause);
    }
    if (const auto cause = hidden_pods(c.snapshot)) return unavailable("pod data", *cause);
    if (const auto cause = unmatched_node(c.members, c.snapshot))
        return unavailable("node data", *cause);
    return std::nullopt;
}

Verdict unknown_signal(const Case& c) {
    if (auto reason = unknown_nodes(c)) return reason;
    const auto& signals = c.snapshot.signals;
    if (!signals.pending.known()) return unavailable("pending pods", signals.pending.cause());
    if (!signals.cpu.known()) return unavailable("CPU data", signals.cpu.cause());
    if (c.policy.scale_up.memory_above_percent > 0 && !signals.memory.known()) {
        return unavailable("memory data", signals.memory.cause());
    }
    return std::nullopt;
}

Verdict pods_wait(const Case& c) {
    const auto shortage = pod_shortage(c.members, c.snapshot, c.policy);
    if (shortage.awaits_nodes()) {
        return Reason{ReasonCode::booting, "pods are waiting for booting nodes"};
    }
    if (shortage.too_young > 0) {
        return Reason{
            ReasonCode::unneeded_too_short,
            counted(shortage.too_young, "pod") + " unschedulable for less than pending_for"};
    }
    return std::nullopt;
}

Verdict something_boots(const Case& c) {
    const int booting = c.members.count(Stage::booting);
    if (booting > 0) {
        return Reason{ReasonCode::booting, "waiting for " + counted(booting, "booting node")};
    }
    for (const auto& member : c.members.members) {
        if (member.stage != Stage::notready) continue;
        if (c.snapshot.now - notready_since(member, c.snapshot) < notready_patience) {
            return Reason{ReasonCode::booting, member.instance->id +
                                                   " is not Ready; no removal for up to " +
                                                   duration_text(notready_patience)};
        }
    }
    return std::nullopt;
}

Verdict cools_down(const Case& c) {
    const auto& memory = c.snapshot.memory;
    std::optional<Time> since = memory.last_ready_at;
    if (memory.last_removal_at && (!since || *memory.last_removal_at > *since)) {
        since = memory.last_removal_at;
    }
    const auto length = cooldown_length(memory, c.policy);
    // The state has whole seconds, rounded up: without a cooldown the rounding must not delay a
    // removal.
    if (!since || length.count() == 0) return std::nullopt;
    const auto left = *since + length - c.snapshot.now;
    if (left.count() <= 0) return std::nullopt;
    return Reason{ReasonCode::cooldown, "cooling down for " + duration_text(left) + " more"};
}

/// An instance that did not register in time is no node, and EC2 may refuse to terminate it. A dead
/// one serves no pods.
int serving_nodes(const Case& c) {
    return c.members.alive() - c.members.count(Stage::not_registered) -
           static_cast<int>(dead_workers(c.members, c.snapshot).size());
}

Verdict at_the_minimum(const Case& c) {
    const int nodes = serving_nodes(c);
    if (nodes > c.policy.limits.min_nodes) return std::nullopt;
    return Reason{ReasonCode::at_minimum, counted(nodes, "worker") + ", the minimum (min_nodes = " +
                                              std::to_string(c.policy.limits.min_nodes) + ")" +
                                              cheaper_text(c)};
}

Verdict not_idle(const Case& c) {
    const double percent = c.snapshot.signals.cpu.value().percent;
    const double line = c.policy.scale_down.cpu_below_percent;
    if (percent >= line) {
        return Reason{ReasonCode::nothing_to_do, "CPU is at " + number_text(percent) +
                                                     "%, not below " + number_text(line) +
                                                     "%, and no pods are pending"};
    }
    const auto low_for = c.snapshot.now - low_since(c.snapshot, c.policy);
    const auto left = c.policy.scale_down.unneeded_for - low_for;
    if (left.count() <= 0) return std::nullopt;
    return Reason{ReasonCode::unneeded_too_short,
                  "CPU is at " + number_text(percent) + "%; if it stays low for " +
                      duration_text(left) + " more, nodes will be removed"};
}

bool is_cordoned(const Member& member) {
    return !member.node->schedulable && !is_set_apart(member);
}

bool is_empty(const Member& member) {
    return member.node != nullptr && member.node->only_daemonset_pods;
}

/// Why this node is kept, regardless of the sums; nothing if it may be removed by itself.
Verdict why_kept_itself(const Case& c, const Remaining& rest, const Member& member) {
    if (const auto left = refused_for(c.snapshot.memory, member.instance->id, c.snapshot.now)) {
        return Reason{ReasonCode::not_drainable,
                      "EC2 refused to terminate it; retry in " + duration_text(*left)};
    }
    if (!member.disputed_by.empty()) {
        return Reason{ReasonCode::not_drainable, dispute_text(member.disputed_by)};
    }
    if (member.node == nullptr) {
        return Reason{ReasonCode::not_drainable, "no Node object found"};
    }
    if (is_cordoned(member)) {
        return Reason{ReasonCode::not_drainable, "cordoned or tainted by someone else"};
    }
    if (member.node->unlisted_pods > 0) {
        return Reason{ReasonCode::not_drainable,
                      "cAdvisor shows " + counted(member.node->unlisted_pods, "pod") +
                          " on it that kube-state-metrics does not list"};
    }
    // cAdvisor reports no pods of a kubelet that does not respond.
    if (member.stage == Stage::notready && hides_pods(c.snapshot)) {
        return Reason{ReasonCode::not_drainable,
                      "not Ready, and kube-state-metrics does not list all pods"};
    }
    const auto volumes = local_volumes(member, c.snapshot);
    if (!volumes.empty()) {
        return Reason{ReasonCode::not_drainable, "holds local volume " + volumes.front()};
    }
    const bool empty = is_empty(member);
    if (!empty && c.policy.scale_down.without_drain == WithoutDrain::empty) {
        return Reason{ReasonCode::not_drainable,
                      "runs pods, and this version cannot drain nodes (see without_drain)"};
    }
    return rest.near_baseline(member);
}

/// Why this node is kept if `going` are removed already, or nothing if it may be removed with them.
Verdict why_kept(const Case& c, const Remaining& rest, const Member& member,
                 const MemberSet& going) {
    if (rest.is_at_pool_minimum(member, going)) {
        return Reason{ReasonCode::at_minimum, "pool " + member.pool->name + " is at its min_nodes"};
    }
    if (auto reason = why_kept_itself(c, rest, member)) return reason;
    auto all = going;
    all.push_back(&member);
    if (auto reason = rest.requests_too_high(all)) return reason;
    if (auto reason = rest.fits_no_other(member)) return reason;
    return rest.would_fire_again(all);
}

/// The candidates in the order of the policy: nodes without pods first, then those that save most,
/// then the oldest; or simply the oldest first.
MemberSet in_order(const Case& c) {
    MemberSet order;
    const auto dead = dead_workers(c.members, c.snapshot);
    for (const auto& member : c.members.members) {
        if (member.stage != Stage::ready && member.stage != Stage::notready) continue;
        if (std::find(dead.begin(), dead.end(), &member) == dead.end()) order.push_back(&member);
    }
    if (c.policy.scale_down.victim == Victim::oldest) return order;
    std::stable_sort(order.begin(), order.end(), [&](const Member* a, const Member* b) {
        if (is_empty(*a) != is_empty(*b)) return is_empty(*a);
        return price_per_hour_usd(c.policy, *a) > price_per_hour_usd(c.policy, *b);
    });
    return order;
}

/// The first candidate that may be removed and, if it is empty, up to `most` empty ones that may be
/// removed with it; else why not, the best reason first.
RemovalAnswer choose(const Case& c, const Remaining& rest, RemovalCause cause, int most) {
    RemovalAnswer answer;
    Verdict best;
    MemberSet going;
    for (const auto* member : in_order(c)) {
        if (!going.empty() && !is_empty(*member)) continue;  // one with pods is removed alone
        const auto name = member->node != nullptr ? member->node->name : member->instance->id;
        auto reason = why_kept(c, rest, *member, going);
        if (!reason) {
            going.push_back(member);
            answer.remove.push_back({name, member->instance->id, cause});
            const bool full = static_cast<int>(going.size()) >= most || !is_empty(*member);
            if (full) return answer;
            continue;
        }
        answer.kept.push_back({name, reason->text});
        if (!best || best->code == ReasonCode::not_drainable) best = std::move(reason);
    }
    if (!going.empty()) return answer;
    answer.reasons.push_back(
        best.value_or(Reason{ReasonCode::not_drainable, "no worker has registered yet"}));
    return answer;
}

/// Serves no pods yet, as far as known: if cAdvisor reports its usage, only its Node is not
/// reported; and a Node that no pass observed Ready may have been, and run pods.
bool only_boots(const Remaining& rest, const Member& member) {
    const bool holds_pods =
        member.node != nullptr && (!is_empty(member) || member.node->unlisted_pods > 0);
    return member.stage == Stage::booting && !holds_pods && !rest.is_at_pool_minimum(member, {}) &&
           rest.cpu_of(member) == nullptr;
}

bool is_too_many(const Case& c) {
    return c.members.alive() - c.members.count(Stage::not_registered) > c.policy.limits.max_nodes;
}

/// For an instance that is removed for another reason than not having registered.
Verdict why_not_again(const Case& c, const Member& member, RemovalCause cause) {
    const auto& id = member.instance->id;
    if (auto unknown = unknown_signal(c)) return unknown;
    if (cause == RemovalCause::not_ready) {
        const auto dead = dead_workers(c.members, c.snapshot);
        if (std::ranges::count(dead, &member) > 0 && !is_cordoned(member)) return std::nullopt;
        return Reason{ReasonCode::not_drainable, id + " is not dead"};
    }
    const Remaining rest(c);
    if (cause == RemovalCause::above_maximum) {
        if (!is_too_many(c))
            return Reason{ReasonCode::at_maximum, "no more than max_nodes workers run"};
        if (only_boots(rest, member)) return std::nullopt;
    } else if (auto least = at_the_minimum(c)) {
        return least;
    }
    if (member.stage == Stage::ready || member.stage == Stage::notready)
        return why_kept(c, rest, member, {});
    return Reason{ReasonCode::not_drainable, id + " has not registered, or EC2 is terminating it"};
}

Reason underused(const Case& c) {
    const auto& cpu = c.snapshot.signals.cpu.value();
    const auto span = duration_text(c.snapshot.now - low_since(c.snapshot, c.policy));
    return {ReasonCode::underused, "CPU has been low for " + span + " (" +
                                       number_text(cpu.percent) +
                                       "% now), and the other nodes can hold all pods"};
}

RemovalAnswer held(Reason reason) { return {{}, {std::move(reason)}, {}}; }

}  // namespace

RemovalAnswer judge_removal(const Membership& members, const Snapshot& snapshot,
                            const Policy& policy) {
    const Case c{members, snapshot, policy};
    for (const auto gate :
         {unknown_signal, pods_wait, something_boots, cools_down, at_the_minimum, not_idle}) {
        if (auto reason = gate(c)) return held(std::move(*reason));
    }
    const int surplus = serving_nodes(c) - policy.limits.min_nodes;
    auto answer = choose(c, Remaining(c), RemovalCause::underused,
                         std::min(surplus, policy.scale_down.max_empty_removals_per_pass));
    if (!answer.remove.empty()) answer.reasons.push_back(underused(c));
    return answer;
}

RemovalAnswer judge_dead(const Membership& members, const Snapshot& snapshot,
                         const Policy& policy) {
    const Case c{members, snapshot, policy};
    const auto& last = snapshot.memory.last_removal_at;
    const bool soon = last && snapshot.now - *last < policy.scale_down.cooldown;
    if (soon || unknown_signal(c)) return {};
    RemovalAnswer answer;
    for (const auto* member : stuck_workers(members, snapshot)) {
        answer.kept.push_back({member->node->name,
                               "not Ready, but its kubelet still answers Prometheus: check it, "
                               "or terminate " +
                                   member->instance->id + " yourself"});
    }
    for (const auto* member : dead_workers(members, snapshot)) {
        const auto& id = member->instance->id;
        if (refused_for(snapshot.memory, id, snapshot.now) || is_cordoned(*member)) continue;
        auto text = "has not been Ready for " +
                    duration_text(snapshot.now - unanswered_since(*member, snapshot));
        if (const auto volumes = local_volumes(*member, snapshot); !volumes.empty()) {
            text.append(" and holds local volume ").append(volumes.front());
            answer.kept.push_back({member->node->name, std::move(text)});
            continue;
        }
        text.append(" and runs no pods but those being deleted");
        answer.remove = {{member->node->name, id, RemovalCause::not_ready}};
        answer.reasons = {{ReasonCode::not_ready, (id + ' ').append(text)}};
        break;
    }
    return answer;
}

std::optional<Reason> why_not_removed(const Membership& members, const Snapshot& snapshot,
                                      const Policy& policy, const Removal& removal) {
    const Case c{members, snapshot, policy};
    const auto& id = removal.instance_id;
    const auto member = std::ranges::find_if(
        members.members, [&](const Member& each) { return each.instance->id == id; });
    if (member == members.members.end())
        return Reason{ReasonCode::not_ours, id + " is not a worker of this cluster"};
    if (removal.cause != RemovalCause::not_joined) return why_not_again(c, *member, removal.cause);
    if (auto unknown = unknown_nodes(c)) return unknown;
    if (member->stage == Stage::not_registered && member->disputed_by.empty()) return std::nullopt;
    return Reason{ReasonCode::not_drainable, id + " has registered, or may still register"};
}

std::map<std::string, Reason> removal_blockers(const Membership& members, const Snapshot& snapshot,
                                               const Policy& policy) {
    const Case c{members, snapshot, policy};
    auto of_all = unknown_signal(c);
    std::optional<Remaining> rest;
    if (!of_all) {
        rest.emplace(c);
        of_all = at_the_minimum(c);
    }
    std::map<std::string, Reason> blockers;
    for (const auto& member : members.members) {
        if (member.stage != Stage::ready && member.stage != Stage::notready) continue;
        auto why = rest ? why_kept(c, *rest, member, {}) : of_all;
        if (!why) why = of_all;
        if (why) blockers.emplace(member.instance->id, std::move(*why));
    }
    return blockers;
}

RemovalAnswer judge_surplus(const Membership& members, const Snapshot& snapshot,
                            const Policy& policy) {
    const Case c{members, snapshot, policy};
    if (auto reason = unknown_signal(c)) return held(std::move(*reason));
    const Reason above{ReasonCode::above_maximum,
                       counted(members.alive(), "worker") + ", above max_nodes (" +
                           std::to_string(policy.limits.max_nodes) + ")"};
    const Remaining rest(c);
    const auto youngest =
        std::find_if(members.members.rbegin(), members.members.rend(),
                     [&](const Member& member) { return only_boots(rest, member); });
    if (youngest != members.members.rend()) {
        return {{{{}, youngest->instance->id, RemovalCause::above_maximum}}, {above}, {}};
    }
    auto answer = choose(c, rest, RemovalCause::above_maximum, 1);
    if (!answer.remove.empty()) answer.reasons.push_back(above);
    return answer;
}

}  // namespace nodenap
