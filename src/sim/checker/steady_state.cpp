#include "sim/checker/checker.hpp"
#include "sim/checker/reasons.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

}  // namespace

void Checker::in_steady_state(Time quiet_since) {
    check_steady_pods();
    check_steady_load();
    check_steady_minimum();
    check_steady_surplus();
    check_steady_state();
    check_steady_instances();
    check_no_flapping(quiet_since);
}

/// Whether the last pass reports a reason for this pod.
bool Checker::is_explained(const Pod& pod) const {
    const auto& plan = last_record_.plan;
    const auto is_it = [&](const UnplaceablePod& each) { return each.pod == pod.name; };
    const auto is_placed = [&](const auto& node) {
        return std::find(node.second.begin(), node.second.end(), pod.name) != node.second.end();
    };
    return std::any_of(plan.unplaceable.begin(), plan.unplaceable.end(), is_it) ||
           std::any_of(plan.placed.begin(), plan.placed.end(), is_placed);
}

/// Whether it fits the pod, and no limit forbids one more of it.
bool Checker::may_be_requested(const Pool& pool, const InstanceType& type, const Pod& pod) const {
    const auto& policy = ground_.settings.policy;
    const double most = policy.limits.max_price_per_hour_usd;
    const double then = price_per_hour_usd() + node_price_per_hour_usd(policy, type);
    const auto room = template_allocatable(policy, pool, type) - daemon_requests;
    return fits_within(ground_.cluster.deployment_of(pod).requests, room) &&
           counted_in(pool.name) < pool.max_nodes && (most <= 0 || then <= most);
}

/// Whether some suitable offering was never requested, so that "every suitable offering was
/// refused" is wrong.
bool Checker::was_never_requested(const Pod& pod) const {
    const auto& policy = ground_.settings.policy;
    const auto is_unrequested = [&](const Pool& pool, const std::string& name) {
        const bool only_spot = pool.capacity == CapacityChoice::spot;
        const auto capacity = only_spot ? Capacity::spot : Capacity::on_demand;
        const auto* type = find_type(policy, name);
        if (type == nullptr || !may_be_requested(pool, *type, pod)) return false;
        return std::any_of(pool.subnets.begin(), pool.subnets.end(), [&](const Subnet& subnet) {
            return !asked_.contains({pool.name, name, subnet.zone, capacity});
        });
    };
    return std::any_of(policy.pools.begin(), policy.pools.end(), [&](const Pool& pool) {
        return std::any_of(pool.instance_types.begin(), pool.instance_types.end(),
                           [&](const std::string& name) { return is_unrequested(pool, name); });
    });
}

void Checker::check_steady_pods() {
    const auto& plan = last_record_.plan;
    const bool blames_ec2 =
        has_reason(plan, ReasonCode::no_capacity) && !has_reason(plan, ReasonCode::at_maximum) &&
        !has_reason(plan, ReasonCode::launch_limit) && !has_reason(plan, ReasonCode::price_limit);
    for (const auto& pod : ground_.cluster.pods()) {
        if (!pod.unschedulable_since) continue;
        const auto waits = ground_.timeline.now() - *pod.unschedulable_since;
        if (waits < 15min || is_explained(pod)) continue;
        if (!reports_limit(plan)) {
            return breach("L1",
                          fmt::format("{} has been pending for {} min, and no reason is reported",
                                      pod.name, waits / 1min));
        }
        if (blames_ec2 && was_never_requested(pod)) {
            return breach(
                "L1",
                pod.name +
                    " is pending for lack of capacity, but not every suitable offering was tried");
        }
    }
}

void Checker::check_steady_load() {
    const auto& plan = last_record_.plan;
    const double line = ground_.settings.policy.scale_up.cpu_above_percent;
    const double percent = plan.signals.cpu_percent.value_or(0);
    const bool answered = has_reason(plan, ReasonCode::high_cpu) ||
                          has_reason(plan, ReasonCode::booting) ||
                          has_reason(plan, ReasonCode::above_maximum) || reports_limit(plan);
    if (percent <= line + 1e-6 || answered) return;
    breach("L1", fmt::format("CPU is at {:.0f}%, above {:.0f}%, and no reason is reported", percent,
                             line));
}

void Checker::check_steady_minimum() {
    const auto& machines = ground_.cloud.machines();
    const auto alive = std::count_if(machines.begin(), machines.end(),
                                     [&](const Machine& each) { return counts(each); });
    const int least = ground_.settings.policy.limits.min_nodes;
    if (alive >= least || reports_limit(last_record_.plan)) return;
    breach("L7", fmt::format("{} workers run; the minimum is {}", alive, least));
}

/// A pass that terminates unregistered instances does not look for surplus nodes, so the plan of
/// the pass before it is used.
const Plan& Checker::last_plan_on_surplus() const {
    const auto& last = last_record_.plan;
    const bool is_fresh = ground_.timeline.now() - plan_before_terminations_.now < 15min;
    return has_reason(last, ReasonCode::not_joined) && is_fresh ? plan_before_terminations_ : last;
}

/// An empty node is surplus only after low load for a while; the cooldown is at most an hour.
bool Checker::surplus_may_wait() const {
    const auto& plan = last_plan_on_surplus();
    const auto& down = ground_.settings.policy.scale_down;
    if (plan.signals.cpu_percent.value_or(100) >= down.cpu_below_percent) return true;
    if (has_reason(plan, ReasonCode::burst_baseline)) return true;
    const auto last = std::max(launches_.empty() ? Time{} : launches_.back(),
                               removals_.empty() ? Time{} : removals_.back());
    // A pass that reports a limit does not report why it removed nothing.
    const bool soon = reports_limit(plan) || has_reason(plan, ReasonCode::cooldown) ||
                      has_reason(plan, ReasonCode::booting) ||
                      has_reason(plan, ReasonCode::unneeded_too_short) ||
                      has_reason(plan, ReasonCode::underused);
    return soon && ground_.timeline.now() - last < 1h + 15min;
}

bool Checker::is_kept_with_reason(const std::string& id) const {
    const auto& kept = last_plan_on_surplus().kept;
    return std::any_of(kept.begin(), kept.end(), [&](const KeptNode& each) {
        return each.node == id && (each.reason.find("would") != std::string::npos ||
                                   each.reason.find("baseline") != std::string::npos ||
                                   each.reason.find("min_nodes") != std::string::npos);
    });
}

void Checker::check_steady_surplus() {
    const auto& machines = ground_.cloud.machines();
    // An instance that never registered is not a node, even if EC2 refuses to terminate it.
    const auto alive = std::count_if(machines.begin(), machines.end(), [&](const Machine& each) {
        return counts(each) && (each.joined || !each.terminate_refused);
    });
    if (surplus_may_wait() || alive <= ground_.settings.policy.limits.min_nodes) return;
    for (const auto& each : machines) {
        if (!counts(each) || !each.joined || each.terminate_refused) continue;
        const auto& id = each.instance.id;
        const auto pods = ground_.cluster.requested_on(id, false);
        const bool is_empty = pods.pods > 0 && pods == ground_.cluster.requested_on(id, true);
        if (!is_empty || is_kept_with_reason(id)) continue;
        const auto& reasons = last_plan_on_surplus().reasons;
        return breach("L2", fmt::format("{} is empty and not removed: {}", id,
                                        reasons.empty() ? "nothing" : reasons.back().text));
    }
}

void Checker::check_steady_state() {
    const auto state = state_from(ground_.table.state(), ground_.codec);
    if (!state.lease_owner.empty()) breach("L3", "the lease is held, but no pass is running");
    // The last pass of the run may have recorded operations that only the next one would recover.
    const auto is_of_before = [&](const Operation& operation) {
        return ground_.timeline.now() - operation.since > 5min;
    };
    for (const auto& operation : state.open_operations) {
        if (is_of_before(operation)) breach("L4", operation.id + " is still in flight");
    }
    for (const auto& operation : state.launched) {
        if (is_of_before(operation))
            breach("L4", operation.id + " is still waiting for its instance");
    }
    for (const auto& [id, interruption] : state.interruptions) {
        const auto* machine = ground_.cloud.find(id);
        const bool is_forged = machine != nullptr && machine->runs() && !machine->warned_at;
        if (!is_forged)
            breach("L6", "the interruption of " + id +
                             " is still saved");  // a forged one remains while the instance runs
    }
}

void Checker::check_steady_instances() {
    const auto patience = ground_.settings.policy.scale_up.join_timeout + 10min;
    for (const auto& machine : ground_.cloud.machines()) {
        if (!counts(machine) || machine.joined || machine.terminate_refused) continue;
        if (ground_.timeline.now() - machine.instance.launched_at < patience) continue;
        breach("L4", machine.instance.id + " never registered and still runs");
    }
}

/// The load has been constant for long, so adding and removing nodes means flapping.
void Checker::check_no_flapping(Time quiet_since) {
    const bool unschedulable = std::any_of(
        ground_.cluster.deployments().begin(), ground_.cluster.deployments().end(),
        [](const auto& entry) { return entry.second.fits_nowhere && entry.second.replicas > 0; });
    if (unschedulable) return;  // one node is tried for it from time to time
    const auto settled = quiet_since + 3h;
    const auto is_late = [&](Time at) { return at > settled; };
    const auto added = std::count_if(launches_.begin(), launches_.end(), is_late);
    const auto removed = std::count_if(removals_.begin(), removals_.end(), is_late);
    if (added > 0 && removed > 0) {
        breach("L5", fmt::format("{} nodes added and {} removed long after the last change of load",
                                 added, removed));
    }
}

}  // namespace nodenap::sim
