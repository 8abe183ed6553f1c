#pragma once

#include "sim/world/random.hpp"

#include <span>
#include <string>

namespace nodenap::sim {

/// The probability of each fault, each time it can occur.
struct Faults {
    // Invocations.
    double wakeup_twice = 0;
    double wakeup_late = 0;  // up to a minute
    double wakeup_lost = 0;
    double wakeup_burst = 0;  // three alerts at once
    double wakeups_stop = 0;  // for an hour

    // The process, for each call.
    double crash = 0;          // before the call
    double crash_unheard = 0;  // after it
    double pause = 0;          // 1 s to 10 min before the call, then on
    // … and for each invocation.
    double clock_wrong = 0;  // by up to a minute
    double clock_jump = 0;   // by up to ten minutes, somewhere in the middle

    // DynamoDB.
    double write_lost = 0;     // rejected or never arrived
    double write_unheard = 0;  // takes effect, but the response is lost
    double write_late = 0;     // takes effect up to ten seconds after the caller's timeout
    double store_away = 0;     // for minutes to hours

    // EC2.
    double launch_unheard = 0;  // takes effect, but the response is lost
    double launch_late = 0;     // takes effect up to a minute after the caller's timeout
    double no_capacity = 0;     // for one offering, for minutes to an hour
    double not_sold = 0;        // for one offering, from the beginning
    double quota = 0;           // the account's vCPU quota, for minutes to an hour: every launch
    double ec2_throttled = 0;   // one call
    double ec2_away = 0;        // for minutes
    double listed_late = 0;     // a new instance, by up to 45 s
    double dies_pending = 0;
    double never_boots = 0;
    double boots_slowly = 0;  // 4 to 15 minutes
    double spot_warning = 0;  // an instance, every ten minutes; it terminates two minutes later
    double vanishes = 0;      // an instance, every ten minutes
    double terminated_by_person = 0;  // likewise
    double terminate_refused = 0;     // an instance, by termination protection
    double server_tagged = 0;         // the server has the cluster's tags
    double foreign_instances = 0;     // of another cluster, on the same account

    // Kubernetes.
    double never_joins = 0;
    double node_twice = 0;       // an old Node with the same address as the new one
    double node_flaps = 0;       // NotReady, every ten minutes, for 1 to 20 minutes
    double node_stays = 0;       // the Node object of a terminated instance remains
    double server_notready = 0;  // every ten minutes, for minutes

    // Prometheus, each for a while.
    double metrics_away = 0;
    double metrics_stale = 0;
    double cadvisor_away = 0;       // some or all targets; kube-state-metrics is available
    double kube_state_away = 0;     // the opposite
    double pending_away = 0;        // kube-state-metrics reports Nodes, but no pods
    double nodes_partial = 0;       // most Nodes are not reported
    double cpu_wrong = 0;           // by a factor of 0.1 to 10
    double namespaces_missing = 0;  // kube-state-metrics lists kube-system only
    double names_foreign = 0;       // no Node of a worker has its instance's name or address

    // Attacks: each on a registered worker, every ten minutes.
    double rogue_node = 0;           // an empty, Ready Node with its provider id
    double forged_interruption = 0;  // a spot interruption notice that EC2 did not send
    double forged_launch = 0;        // an operation in the state, of another launch template
    double forged_removal = 0;       // an operation in the state
    // … and from the beginning.
    double tagged_by_hand = 0;  // an instance that this cluster did not launch has its tags
};

/// A fault's name, and its probability in the worst worlds.
struct FaultKind {
    const char* name;
    double Faults::*chance;
    double most;
};
std::span<const FaultKind> fault_kinds();

/// The probability of each fault is drawn independently: zero in two worlds of five, else more
/// often low than high.
Faults draw_faults(Random& random);

/// "crash 0.012, pause 0.003", or "none".
std::string text_of(const Faults& faults);

}  // namespace nodenap::sim
