#include "doctor/checks.hpp"

#include "decide/explain.hpp"
#include "decide/joining.hpp"

#include <algorithm>
#include <array>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

/// A Date header has whole seconds, and an answer takes its time.
constexpr Milliseconds clock_tolerance = 5s;
/// From here on a lease may be taken while it is held: its margin is 15 s.
constexpr Milliseconds clock_limit = 15s;
constexpr int missed_ticks = 3;
/// A token that lies somewhere for longer has been seen by more machines than one remembers.
constexpr Milliseconds token_is_old = std::chrono::hours(24 * 365);
/// An instance younger than this need not have its Node yet.
constexpr Milliseconds may_still_join = 10min;

std::string ago(Milliseconds span) { return duration_text(span) + " ago"; }

std::string days(Milliseconds span) {
    return counted(std::chrono::duration_cast<std::chrono::hours>(span).count() / 24, "day");
}

CheckResult disputed(const Instance& instance, const NodeClaim& claim) {
    if (claim.disputed_by.size() == 1) {
        return {CheckStatus::warning,
                "Node " + claim.disputed_by[0]->name + " was created after " + instance.id +
                    " had registered, or another Node claimed the instance before: it may be "
                    "another instance's, and the instance is never removed",
                "If someone deleted the Node and its kubelet registered it again, drain it and "
                "terminate the instance. Otherwise an attacker may hold the agent token: rotate "
                "it. A Node named by its instance id is never in doubt."};
    }
    return {CheckStatus::warning,
            "the Nodes " + claim.disputed_by[0]->name + " and " + claim.disputed_by[1]->name +
                " both claim to be " + instance.id + ", which is never removed while they do",
            "Delete the Node that does not belong to it. If it was no mistake, an attacker may "
            "hold the agent token: rotate it."};
}

/// A type of the pool that EC2 launches as unlimited where the template does not say otherwise.
std::string unlimited_type(const Pool& pool) {
    for (const std::string& type : pool.instance_types)
        for (const char* family : {"t3.", "t3a.", "t4g."})
            if (type.starts_with(family)) return type;
    return {};
}

}  // namespace

std::string_view word(CheckStatus status) {
    static constexpr std::array<std::string_view, 5> words = {"ok", "warning", "failed", "skipped",
                                                              "not yet"};
    return words.at(static_cast<std::size_t>(status));
}

CheckResult judge_clock(Milliseconds ahead, std::string_view peer) {
    const Milliseconds apart = std::chrono::abs(ahead);
    if (apart <= clock_tolerance)
        return {CheckStatus::ok, "agrees with " + std::string(peer) + "'s"};
    std::string seen = duration_text(apart);
    seen.append(ahead > 0ms ? " ahead of " : " behind ").append(peer).append("'s");
    return {apart <= clock_limit ? CheckStatus::warning : CheckStatus::failed, seen,
            "Synchronise this machine's clock (chrony or systemd-timesyncd): the lease, signatures "
            "and the age of metrics depend on it."};
}

CheckResult judge_last_pass(std::optional<Time> last_pass_at, Time now, Milliseconds every) {
    const std::string look =
        "check the schedule's state, the dead-letter queue and the function's log; `nodenap tick` "
        "runs one pass manually.";
    if (!last_pass_at) {
        return {CheckStatus::not_yet, "no pass recorded yet",
                "If the schedule has been on for more than " + duration_text(missed_ticks * every) +
                    ": " + look};
    }
    const Milliseconds age = std::max(now - *last_pass_at, Milliseconds(0));
    const std::string seen = "last pass " + ago(age);
    const std::string rhythm = ", with a tick every " + duration_text(every);
    if (age > missed_ticks * every) {
        return {CheckStatus::failed, seen + rhythm, "Passes have stopped: " + look};
    }
    if (age > 2 * every) {
        return {CheckStatus::warning, seen + rhythm,
                "A tick was missed; check again in a few minutes."};
    }
    return {CheckStatus::ok, seen};
}

CheckResult judge_subnet(const Subnet& wanted, const std::optional<SubnetSeen>& seen,
                         int most_nodes) {
    if (!seen) {
        return {CheckStatus::failed, "EC2 has no subnet " + wanted.id + " in this region",
                "Fix `subnets` of the pool, or [aws] region."};
    }
    if (seen->zone != wanted.zone) {
        return {CheckStatus::failed,
                "the subnet is in " + seen->zone + "; the file says " + wanted.zone,
                "Fix `zones` of the pool: the zone of each subnet, in the same order."};
    }
    if (seen->state != "available") {
        return {CheckStatus::failed, "its state is " + seen->state, "Wait, or use another subnet."};
    }
    const std::string text = std::to_string(seen->free_addresses) +
                             (seen->free_addresses == 1 ? " free address" : " free addresses");
    if (seen->free_addresses == 0) {
        return {CheckStatus::failed, text,
                "Free addresses in it, or give the pool a larger subnet."};
    }
    if (seen->free_addresses < most_nodes) {
        return {CheckStatus::warning, text + " for up to " + counted(most_nodes, "node"),
                "Give the pool another subnet, or it stops growing there."};
    }
    return {CheckStatus::ok, text + " in " + seen->zone};
}

CheckResult judge_template(const Pool& pool, const std::optional<TemplateSeen>& seen) {
    const std::string name = pool.launch_template + " version " + pool.launch_template_version;
    if (!seen) {
        return {CheckStatus::failed, "EC2 has no " + name,
                "Fix launch_template and launch_template_version of the pool; `aws ec2 "
                "describe-launch-template-versions` lists the versions."};
    }
    if (seen->image.empty()) {
        return {CheckStatus::failed, name + " names no image",
                "Create a version with an image (AMI), and pin it."};
    }
    if (seen->own_network_interface) {
        return {
            CheckStatus::failed, name + " names a network interface",
            "Create a version without it: a launch brings its own subnet, and EC2 refuses both."};
    }
    if (!seen->imds_v2_only) {
        return {CheckStatus::warning, name + " allows the first version of instance metadata",
                "Create a version with HttpTokens=required: otherwise any pod can read the "
                "worker's credentials."};
    }
    const std::string unlimited = unlimited_type(pool);
    if (seen->cpu_credits.empty() && !unlimited.empty()) {
        return {CheckStatus::warning,
                name + " names no credit option: EC2 launches " + unlimited + " as unlimited",
                "Create a version with CpuCredits=standard: EC2 bills surplus credits on top of "
                "the price that max_price_per_hour_usd counts with."};
    }
    std::string text = name + ", image " + seen->image;
    if (seen->cpu_credits == "unlimited") text += ", unlimited CPU credits";
    if (seen->instance_profile.empty()) text += ", no instance profile";
    return {CheckStatus::ok, text};
}

CheckResult judge_token(const std::string& parameter, std::optional<Time> changed_at, Time now) {
    if (!changed_at) {
        return {CheckStatus::failed, "there is no parameter " + parameter,
                "New workers cannot register without it: let the server publish its token again."};
    }
    const Milliseconds age = std::max(now - *changed_at, Milliseconds(0));
    const std::string seen = parameter + " was written " + days(age) + " ago";
    if (age <= token_is_old) return {CheckStatus::ok, seen};
    return {CheckStatus::warning, seen, "Rotate it: docs/guide.md, \"Rotate tokens\"."};
}

CheckResult judge_targets(const std::vector<JobSeen>& jobs) {
    std::int64_t all = 0;
    std::int64_t down = 0;
    std::string names;
    for (const JobSeen& one : jobs) {
        all += one.targets;
        down += one.down;
        if (one.down > 0) names += (names.empty() ? "" : ", ") + one.job;
    }
    if (all == 0) {
        return {
            CheckStatus::warning, "Prometheus has no scrape targets",
            "This is only right where samples are pushed into it (remote write or federation)."};
    }
    if (down == 0) return {CheckStatus::ok, "all " + counted(all, "target") + " answer"};
    return {CheckStatus::warning,
            std::to_string(down) + " of " + counted(all, "target") + " do not answer: " + names,
            "See Prometheus' page /targets: a missing target is a blind spot."};
}

CheckResult judge_match(const std::vector<Instance>& instances, const std::vector<Node>& nodes,
                        const Memory& memory, Time now) {
    const Reading<std::vector<Node>> all(nodes);
    const NodeFinder finder(all);
    std::size_t old_enough = 0;
    std::size_t known = 0;
    const Instance* without = nullptr;
    for (const Instance& one : instances) {
        const bool is_young = now - one.launched_at < may_still_join;
        if (one.state != InstanceState::running || one.foreign || is_young) continue;
        const auto claim = finder.claim_of(one, remembered(memory, one.id));
        if (!claim.disputed_by.empty()) return disputed(one, claim);
        ++old_enough;
        if (without == nullptr && claim.node == nullptr) without = &one;
        known += claim.node == nullptr ? 0U : 1U;
    }
    const std::string seen = std::to_string(known) + " of " +
                             counted(static_cast<std::int64_t>(old_enough), "running instance") +
                             " of Nodenap are among its " +
                             counted(static_cast<std::int64_t>(nodes.size()), "node");
    if (old_enough == 0) {
        return {CheckStatus::not_checked, "no worker has run long enough to have a Node"};
    }
    if (known == old_enough) return {CheckStatus::ok, seen};
    for (const Node& node : nodes) {
        if (!node.ready || !may_be_node_of(node, *without)) continue;
        return {CheckStatus::failed,
                seen + "; Node " + node.name + " is Ready and matches no instance, and " +
                    without->id + " has no Node: they may be the same worker",
                "Nodenap terminates nothing as not registered until it can tell. Run K3s with "
                "--node-name=<instance id>, or let kube-state-metrics report "
                "kube_node_status_addresses."};
    }
    if (known > 0) {
        return {
            CheckStatus::warning, seen,
            "Nodenap terminates instances that do not register; their console output says why."};
    }
    return {CheckStatus::failed, seen,
            "This Prometheus may watch another cluster. Check [metrics] url, and that K3s runs "
            "with --node-name=<instance id>."};
}

}  // namespace nodenap
