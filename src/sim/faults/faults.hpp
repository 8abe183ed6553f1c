#pragma once

#include "sim/world/random.hpp"

#include <span>
#include <string>

namespace nodenap::sim {

/// How often each thing goes wrong, as a probability each time that it could.
struct Faults {
    // The wake-ups.
    double wakeup_twice = 0;
    double wakeup_late = 0;  // up to a minute
    double wakeup_lost = 0;
    double wakeup_burst = 0;  // three alerts at once
    double wakeups_stop = 0;  // for an hour

    // The process: each for one call.
    double crash = 0;          // before the call
    double crash_unheard = 0;  // after it
    double pause = 0;          // 1 s to 10 min before the call, then on
    // … and each for one invocation.
    double clock_wrong = 0;  // by up to a minute
    double clock_jump = 0;   // by up to ten minutes, somewhere in the middle

    // DynamoDB.
    double write_lost = 0;     // refused or never arrived
    double write_unheard = 0;  // made, and its answer lost
    double write_late = 0;     // made up to ten seconds after the caller has given up on it
    double store_away = 0;     // for minutes to hours

    // EC2.
    double launch_unheard = 0;  // made, and its answer lost
    double launch_late = 0;     // made up to a minute after the caller has given up on it
    double no_capacity = 0;     // of an offering, for minutes to an hour
    double not_sold = 0;        // an offering, from the beginning
    double quota = 0;           // of the account's vCPUs, for minutes to an hour: every launch
    double ec2_throttled = 0;   // one call
    double ec2_away = 0;        // for minutes
    double listed_late = 0;     // a new instance, by up to 45 s
    double dies_pending = 0;
    double never_boots = 0;
    double boots_slowly = 0;          // 4 to 15 minutes
    double spot_warning = 0;          // an instance, each ten minutes; it ends two minutes later
    double vanishes = 0;              // an instance, each ten minutes
    double terminated_by_person = 0;  // likewise
    double terminate_refused = 0;     // an instance, by termination protection
    double server_tagged = 0;         // somebody gave the server our tags
    double foreign_instances = 0;     // of another cluster, on the same account

    // Kubernetes.
    double never_joins = 0;
    double node_twice = 0;       // an old Node of the same address beside the new one
    double node_flaps = 0;       // NotReady, each ten minutes, for 1 to 20 minutes
    double node_stays = 0;       // the Node object of an instance that is gone
    double server_notready = 0;  // each ten minutes, for minutes

    // Prometheus, each for a while.
    double metrics_away = 0;
    double metrics_stale = 0;
    double cadvisor_away = 0;       // some or all of it; kube-state-metrics answers
    double kube_state_away = 0;     // the other way round
    double pending_away = 0;        // kube-state-metrics tells of Nodes, and of no pod
    double nodes_partial = 0;       // most Nodes are not told
    double cpu_wrong = 0;           // by a factor of 0.1 to 10
    double namespaces_missing = 0;  // kube-state-metrics lists kube-system only
    double names_foreign = 0;       // no Node of a worker has its instance's name or address

    // Somebody attacks: each for a joined worker, each ten minutes.
    double rogue_node = 0;           // an empty, Ready Node with its provider id
    double forged_interruption = 0;  // a spot warning that EC2 never gave
    double forged_launch = 0;        // an operation in the state, of another launch template
    double forged_removal = 0;       // an operation in the state
    // … and from the beginning.
    double tagged_by_hand = 0;  // an instance that this cluster did not launch has our tags
};

/// A fault by its name, and how often it comes in the worst of worlds.
struct FaultKind {
    const char* name;
    double Faults::*chance;
    double most;
};
std::span<const FaultKind> fault_kinds();

/// Each fault is drawn for itself: none in two worlds of five, else more often rare than frequent.
Faults draw_faults(Random& random);

/// "crash 0.012, pause 0.003", or "none".
std::string text_of(const Faults& faults);

}  // namespace nodenap::sim
