#include "sim/world/cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds scheduler_looks_after = 1s;
constexpr Milliseconds notready_after = 40s;
constexpr Milliseconds evicted_after = 5min;
constexpr Milliseconds allocatable_said_after = 2s;
constexpr Milliseconds use_remembered_for = 20min;
constexpr double system_cores = 0.03;  // used by kubelet and containerd

bool have_equal_pods(const Deployment& a, const Deployment& b) {
    return a.requests == b.requests && a.gated == b.gated && a.fits_nowhere == b.fits_nowhere;
}

}  // namespace

bool Deployment::is_job() const {
    constexpr std::size_t digits_of_a_minute = 8;
    const auto dash = name.rfind('-');
    if (dash == name.npos || dash <= name.find('/') + 1) return false;
    const auto last = name.substr(dash + 1);
    return last.size() == digits_of_a_minute && last.find_first_not_of("0123456789") == last.npos;
}

std::string Deployment::owner() const { return is_job() ? name.substr(0, name.rfind('-')) : name; }

Cluster::Cluster(Timeline& timeline, Trace& trace, const Policy& policy)
    : timeline_(timeline), trace_(trace), policy_(policy) {}

void Cluster::change() {
    if (before_change_) before_change_();
    ++changes_;
}

// Changed pods replace existing ones at once.
void Cluster::set(const Deployment& deployment) {
    change();
    if (trace_.kept()) {
        trace_.add(timeline_.now(), "person",
                   fmt::format("{} scaled to {} pods ({}m, {} MiB each; using {}m{}{})",
                               deployment.name, deployment.replicas, deployment.requests.cpu.value,
                               deployment.requests.memory.value, deployment.uses.value,
                               deployment.gated ? ", gated" : "",
                               deployment.fits_nowhere ? ", which fit nowhere" : ""));
    }
    auto& known = deployments_[deployment.name];
    if (!have_equal_pods(known, deployment)) {
        std::erase_if(pods_, [&](const Pod& pod) { return pod.deployment == deployment.name; });
    }
    known = deployment;
    keep_replicas(deployment);
    note_use();
}

/// Pending pods are deleted first when there are too many, then the youngest.
void Cluster::keep_replicas(const Deployment& deployment) {
    const auto is_one = [&](const Pod& pod) {
        return pod.deployment == deployment.name && !pod.deleting;
    };
    auto count = static_cast<int>(std::count_if(pods_.begin(), pods_.end(), is_one));
    for (const bool waiting : {true, false}) {
        for (auto at = pods_.rbegin(); count > deployment.replicas && at != pods_.rend();) {
            const bool goes = is_one(*at) && at->node.empty() == waiting;
            ++at;
            if (!goes) continue;
            at = std::make_reverse_iterator(pods_.erase(at.base()));
            --count;
        }
    }
    for (; count < deployment.replicas; ++count) {
        Pod pod;
        pod.name = fmt::format("{}-{}", deployment.name, ++pods_made_);
        pod.deployment = deployment.name;
        pods_.push_back(std::move(pod));
    }
    schedule_soon();
}

void Cluster::add_server(const std::string& name, const Instance& instance) {
    change();
    KubeNode server;
    server.node.name = name;
    server.node.internal_ip = instance.private_ip;
    server.node.server = true;
    server.node.ready = true;
    server.node.created_at = timeline_.now();
    server.node.allocatable = {{1900}, {3500}, 110};
    server.cores = 2;
    nodes_.push_back(std::move(server));
    pods_.push_back({name + "-daemon", {}, name, std::nullopt, timeline_.now(), true});
    note_use();
}

void Cluster::join(const Instance& instance, Milliseconds ready_after, std::function<void()> then) {
    change();
    KubeNode made;
    made.node.name = instance.id;
    made.node.instance_id = instance.id;
    made.node.internal_ip = instance.private_ip;
    made.node.created_at = timeline_.now();
    made.settled = false;
    const auto* type = find_type(policy_, instance.offering.instance_type);
    made.cores = type == nullptr ? 1 : type->vcpu;
    nodes_.push_back(std::move(made));
    const auto name = instance.id;
    timeline_.after(allocatable_said_after, [this, name, offering = instance.offering] {
        auto* node = find(name);
        const auto* pool = find_pool(policy_, offering.pool);
        const auto* said = find_type(policy_, offering.instance_type);
        if (node == nullptr || pool == nullptr || said == nullptr) return;
        change();
        node->node.allocatable = template_allocatable(policy_, *pool, *said);
        node->settled = true;
        pods_.push_back({name + "-daemon", {}, name, std::nullopt, timeline_.now(), true});
        note_use();
    });
    timeline_.after(ready_after, [this, name, then = std::move(then)] {
        const auto* node = find(name);
        if (node == nullptr || !node->alive) return;
        set_ready(name, true);
        then();
    });
}

void Cluster::add_stale_twin(const Instance& instance) {
    change();
    KubeNode twin;
    twin.node.name = "ip-" + instance.private_ip;
    twin.node.internal_ip = instance.private_ip;
    twin.node.created_at = timeline_.now() - 24h;
    twin.alive = false;
    nodes_.push_back(std::move(twin));
}

void Cluster::add_rogue(const std::string& name, const Instance& instance) {
    change();
    KubeNode rogue;
    rogue.node.name = name;
    rogue.node.instance_id = instance.id;
    rogue.node.internal_ip = "10.9." + name.substr(name.rfind('-') + 1);
    rogue.node.ready = true;
    rogue.node.created_at = timeline_.now();
    rogue.node.allocatable = {{1}, {1}, 1};  // so that the scheduler places no pod on it
    rogue.cores = 2;
    nodes_.push_back(std::move(rogue));
    pods_.push_back({name + "-daemon", {}, name, std::nullopt, timeline_.now(), true});
    trace_.add(timeline_.now(), "attacker", name + " claims to be " + instance.id);
    note_use();
}

void Cluster::lose(const std::string& name, bool gracefully) {
    auto* node = find(name);
    if (node == nullptr || !node->alive) return;
    change();
    node->alive = false;
    if (gracefully) {
        set_ready(name, false);
        evict_from(name);
        return;
    }
    note_use();
    timeline_.after(notready_after, [this, name] { set_ready(name, false); });
    timeline_.after(notready_after + evicted_after, [this, name] {
        const auto* lost = find(name);
        if (lost == nullptr || !lost->alive) evict_from(name);
    });
}

void Cluster::remove_node(const std::string& name) {
    change();
    evict_from(name);
    nodes_.remove_if([&](const KubeNode& each) { return each.node.name == name; });
}

void Cluster::set_ready(const std::string& name, bool ready) {
    auto* node = find(name);
    if (node == nullptr || node->node.ready == ready) return;
    if (ready && !node->alive) return;
    change();
    node->node.ready = ready;
    if (ready) {
        std::erase_if(pods_, [&](const Pod& pod) { return pod.deleting && pod.node == name; });
    } else {
        const Time since = node->notready_at = timeline_.now();
        timeline_.after(evicted_after, [this, name, since] {
            const auto* lost = find(name);
            if (lost != nullptr && !lost->node.ready && lost->notready_at == since) {
                delete_pods_on(name);
            }
        });
    }
    trace_.add(timeline_.now(), "kubernetes", name + (ready ? " is Ready" : " is not Ready"));
    note_use();
    if (ready) schedule_soon();
}

/// Deletes its pods; their Deployments create new ones.
void Cluster::evict_from(const std::string& name) {
    change();
    std::erase_if(pods_, [&](const Pod& pod) { return pod.node == name; });
    for (const auto& [key, deployment] : deployments_) keep_replicas(deployment);
    note_use();
}

/// Its taint evicts its pods, but no kubelet deletes them; their Deployments create new ones.
void Cluster::delete_pods_on(const std::string& name) {
    change();
    for (auto& pod : pods_) {
        if (pod.node == name && !pod.daemon) pod.deleting = true;
    }
    for (const auto& [key, deployment] : deployments_) keep_replicas(deployment);
    note_use();
}

const Deployment& Cluster::deployment_of(const Pod& pod) const {
    return deployments_.at(pod.deployment);
}

Resources Cluster::requested_on(const std::string& node, bool daemons_only) const {
    Resources sum;
    for (const auto& pod : pods_) {
        if (pod.node != node || (daemons_only && !pod.daemon)) continue;
        sum = sum + (pod.daemon ? daemon_requests : deployment_of(pod).requests);
    }
    return sum;
}

bool Cluster::has_room_for(const KubeNode& node, const Deployment& deployment) const {
    if (!node.node.ready || !node.node.schedulable || !node.settled) return false;
    if (deployment.fits_nowhere || deployment.gated) return false;
    const auto left = node.node.allocatable - requested_on(node.node.name, false);
    return fits_within(deployment.requests, left);
}

void Cluster::schedule_soon() {
    if (std::exchange(scheduling_, true)) return;
    timeline_.after(scheduler_looks_after, [this] {
        scheduling_ = false;
        schedule();
    });
}

void Cluster::schedule() {
    change();
    for (auto& pod : pods_) {
        if (!pod.node.empty() || deployment_of(pod).gated || bind(pod)) continue;
        if (!pod.unschedulable_since) pod.unschedulable_since = timeline_.now();
    }
    note_use();
}

/// Chooses the node with the largest share of free CPU, as kube-scheduler's LeastAllocated does.
bool Cluster::bind(Pod& pod) {
    const auto& deployment = deployment_of(pod);
    const KubeNode* best = nullptr;
    double most = 0;
    for (const auto& node : nodes_) {
        if (!has_room_for(node, deployment)) continue;
        const auto has = static_cast<double>(node.node.allocatable.cpu.value);
        const auto asked = static_cast<double>(requested_on(node.node.name, false).cpu.value);
        const double left = (has - asked) / has;
        if (best != nullptr && left <= most) continue;
        best = &node;
        most = left;
    }
    if (best == nullptr) return false;
    pod.node = best->node.name;
    pod.unschedulable_since.reset();
    pod.bound_at = timeline_.now();
    if (trace_.kept()) {
        trace_.add(timeline_.now(), "kubernetes", pod.name + " scheduled to " + pod.node);
    }
    return true;
}

/// CPU usage of every node, from now on.
void Cluster::note_use() {
    const auto now = timeline_.now();
    for (auto& node : nodes_) {
        double busy = node.alive ? system_cores : 0;
        for (const auto& pod : pods_) {
            if (pod.daemon || !node.alive || pod.node != node.node.name) continue;
            busy += static_cast<double>(deployment_of(pod).uses.value) / 1000;
        }
        busy = std::min(busy, node.cores);
        if (!node.busy.empty() && node.busy.back().second == busy) continue;
        node.busy.emplace_back(now, busy);
        const bool old = node.busy.size() > 2 && now - node.busy[1].first > use_remembered_for;
        if (old) node.busy.erase(node.busy.begin());
    }
}

KubeNode* Cluster::find(const std::string& name) {
    const auto found = std::find_if(nodes_.begin(), nodes_.end(),
                                    [&](const KubeNode& each) { return each.node.name == name; });
    return found == nodes_.end() ? nullptr : &*found;
}

}  // namespace nodenap::sim
