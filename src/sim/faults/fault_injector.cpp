#include "sim/faults/fault_injector.hpp"

#include <chrono>
#include <utility>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds changes_every = 10min;
constexpr const char* server_name = "server";

}  // namespace

FaultInjector::FaultInjector(World& world, const Faults& faults)
    : world_(world), attacker_(world, faults), random_(world.seed(), "weather"), faults_(faults) {}

void FaultInjector::begin() {
    Machine server;
    server.instance.id = "i-server";
    server.instance.state = InstanceState::running;
    server.server = true;
    server.joined = true;
    server.ours = random_.chance(faults_.server_tagged);
    server.instance.offering = {"", "t3.medium", "zone-a", Capacity::on_demand};
    // As if launched from the workers' template, else it would be foreign.
    server.instance.launch_template = world_.settings.policy.pools.front().launch_template;
    const auto& placed = world_.cloud.place(std::move(server));
    world_.cluster.add_server(server_name, placed.instance);
    if (random_.chance(faults_.foreign_instances)) {
        Machine foreign;
        foreign.instance.state = InstanceState::running;
        foreign.instance.offering = {"", "m5.large", "zone-a", Capacity::spot};
        world_.cloud.place(std::move(foreign));
    }
    attacker_.begin();
    change();
}

void FaultInjector::wake() {
    auto& timeline = world_.timeline;
    if (wakeups_stopped_ || random_.chance(clear_ ? 0 : faults_.wakeup_lost)) return;
    const bool late = !clear_ && random_.chance(faults_.wakeup_late);
    const auto delay = late ? random_.between(1s, 1min) : 0ms;
    timeline.after(delay, [this] { world_.wake(Scheduled{}); });
    if (clear_) return;
    if (random_.chance(faults_.wakeup_twice)) {
        timeline.after(delay + random_.between(0s, 20s), [this] { world_.wake(Scheduled{}); });
    }
    for (int i = 0; i < 3 && random_.chance(faults_.wakeup_burst); ++i) {
        timeline.after(random_.between(0s, 30s), [this] { world_.wake(Alert{{"Pending"}, true}); });
    }
}

/// Delivered through SNS: a stopped schedule does not stop it, but missing Prometheus data does.
void FaultInjector::alert() {
    const auto& metrics = world_.monitoring.faults;
    if (metrics.away || metrics.kube_state_away || metrics.pending_away) return;
    world_.wake(Alert{{"PodsUnschedulable"}, true});
}

void FaultInjector::change() {
    if (clear_) return;
    change_outages();
    change_machines();
    change_nodes();
    attacker_.strike();
    world_.timeline.after(changes_every, [this] { change(); });
}

void FaultInjector::break_for_a_while(double chance, Milliseconds longest,
                                      std::function<void(bool)> set) {
    if (!random_.chance(chance)) return;
    set(true);
    broken_.push_back(set);
    world_.timeline.after(random_.between(10s, longest), [set = std::move(set)] { set(false); });
}

void FaultInjector::change_outages() {
    auto& metrics = world_.monitoring.faults;
    const auto flag = [](bool& value) { return [&value](bool broken) { value = broken; }; };
    break_for_a_while(faults_.store_away, 2h, flag(world_.store_away));
    break_for_a_while(faults_.ec2_away, 20min, flag(world_.ec2_away));
    break_for_a_while(faults_.wakeups_stop, 1h, flag(wakeups_stopped_));
    break_for_a_while(faults_.metrics_away, 1h, flag(metrics.away));
    break_for_a_while(faults_.cadvisor_away, 1h, flag(metrics.cadvisor_away));
    break_for_a_while(faults_.kube_state_away, 1h, flag(metrics.kube_state_away));
    break_for_a_while(faults_.nodes_partial, 30min, flag(metrics.nodes_partial));
    break_for_a_while(faults_.metrics_stale, 30min,
                      [this](bool stale) { world_.monitoring.freeze(stale); });
    const double factor = random_.chance(0.5) ? 0.1 + random_.unit() : 1 + 9 * random_.unit();
    break_for_a_while(faults_.cpu_wrong, 30min,
                      [&metrics, factor](bool wrong) { metrics.cpu_factor = wrong ? factor : 1; });
    break_for_a_while(faults_.pending_away, 1h, flag(metrics.pending_away));
    break_for_a_while(faults_.namespaces_missing, 1h, flag(metrics.namespaces_missing));
    break_for_a_while(faults_.names_foreign, 1h, flag(metrics.names_foreign));
}

void FaultInjector::change_machines() {
    for (auto& machine : world_.cloud.machines()) {
        if (machine.runs() && !machine.server && !machine.tagged_by_hand) strike(machine);
    }
}

void FaultInjector::strike(Machine& machine) {
    const bool spot = machine.instance.offering.capacity == Capacity::spot;
    const auto when = random_.between(0s, changes_every);
    auto& timeline = world_.timeline;
    auto& cloud = world_.cloud;
    if (spot && random_.chance(faults_.spot_warning)) {
        timeline.after(when, [&cloud, &machine] { cloud.warn(machine); });
    } else if (random_.chance(faults_.vanishes)) {
        timeline.after(when,
                       [&cloud, &machine] { cloud.end(machine, "Server.InternalError", false); });
    } else if (random_.chance(faults_.terminated_by_person)) {
        timeline.after(
            when, [&cloud, &machine] { cloud.end(machine, "Client.UserInitiatedShutdown", true); });
    }
}

void FaultInjector::change_nodes() {
    for (const auto& node : world_.cluster.nodes()) {
        const auto chance = node.node.server ? faults_.server_notready : faults_.node_flaps;
        break_for_a_while(chance, 20min, [this, name = node.node.name](bool broken) {
            world_.cluster.set_ready(name, !broken);
        });
    }
}

void FaultInjector::clear_up() {
    clear_ = true;
    faults_ = {};
    attacker_.stop();
    world_.set_faults({});
    for (const auto& set : broken_) set(false);
    broken_.clear();
}

}  // namespace nodenap::sim
