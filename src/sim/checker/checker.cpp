#include "sim/checker/checker.hpp"

#include "controller/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

bool is_unfenced(const std::string& attribute) {
    return attribute == "notices" || attribute == "paused_until";
}

/// Whether the write changes only attributes that may be written without the lease.
bool is_outside_the_fence(const Change& change) {
    const auto is_free = [](const auto& set) { return is_unfenced(set.first.attribute); };
    const auto is_free_path = [](const Path& path) { return is_unfenced(path.attribute); };
    return change.add.empty() && change.set_if_absent.empty() &&
           std::all_of(change.set.begin(), change.set.end(), is_free) &&
           std::all_of(change.remove.begin(), change.remove.end(), is_free_path);
}

bool announces(const Change& change) {
    return std::any_of(change.set.begin(), change.set.end(), [](const auto& set) {
        return set.first.attribute == "open_intents" && !set.first.entry.empty();
    });
}

}  // namespace

void Checker::breach(const char* promise, std::string text) {
    breaches_.push_back({promise, ground_.timeline.now(), std::move(text)});
}

void Checker::state_written(const Sender& sender, const Change& change) {
    if (sender.acquires) {
        check_lease(sender);
    } else if (!is_outside_the_fence(change)) {
        check_fence(sender);
    }
    check_interruptions(sender, change);
    note_closed(change);
    if (!announces(change)) return;
    const auto state = state_from(ground_.table.state(), ground_.codec);
    for (const auto& operation : state.open_operations) {
        const bool is_known = announced_.contains(operation.id) || forged_.contains(operation.id);
        if (!is_known) announced(sender, operation);
    }
}

/// A removal cancelled while its instance runs: the instance is kept.
void Checker::note_closed(const Change& change) {
    for (const auto& path : change.remove) {
        const auto operation = announced_.find(path.entry);
        if (path.attribute != "open_intents" || operation == announced_.end()) continue;
        if (operation->second.kind != OperationKind::remove) continue;
        auto* machine = ground_.cloud.find(operation->second.instance_id);
        if (machine != nullptr && machine->runs()) machine->being_removed = false;
    }
}

/// A process that crashes with a lease blocks all others until it expires, so a lease may exceed
/// the longest pass only by its margin.
void Checker::check_lease(const Sender& sender) {
    const auto length = sender.lease_ends - sender.asked_at;
    if (length <= longest_invocation + lease_margin) return;
    breach("L3", fmt::format("a lease lasts {} ms, more than {} s", length / 1ms,
                             (longest_invocation + lease_margin) / 1s));
}

void Checker::check_fence(const Sender& sender) {
    const auto epoch = ground_.table.epoch();
    if (sender.epoch != epoch) {
        breach("I6",
               fmt::format("a pass of epoch {} wrote the state in epoch {}", sender.epoch, epoch));
    } else if (epoch > 0 && last_writer_.epoch == epoch && sender.sent < last_writer_.sent) {
        breach("I6", fmt::format("a delayed write {} took effect after write {} of epoch {}",
                                 sender.sent, last_writer_.sent, epoch));
    }
    last_writer_ = sender;
}

void Checker::check_interruptions(const Sender& sender, const Change& change) {
    for (const auto& [path, value] : change.set) {
        if (path.attribute != "notices" || path.entry.empty()) continue;
        interrupted_.insert(path.entry);
        const auto* machine = ground_.cloud.find(path.entry);
        if (machine != nullptr && machine->ours && !machine->tagged_by_hand) continue;
        breach("L6",
               "an interruption of " + path.entry + " is saved, which is not a managed instance");
    }
    for (const auto& path : change.remove) {
        if (path.attribute != "notices") continue;
        const auto* machine = ground_.cloud.find(path.entry);
        const bool is_there = machine != nullptr && machine->ours && machine->runs() &&
                              machine->instance.offering.capacity == Capacity::spot;
        if (!is_there || machine->listed_from > sender.asked_at) continue;
        breach("L6", "the interruption of " + path.entry + " is deleted while it still runs");
    }
}

void Checker::warning_handled(const std::string& id) {
    if (!interrupted_.contains(id))
        breach("L6", "the spot interruption notice of " + id + " was received and not saved");
}

/// A process that saves its memory knows the running instances, the Ready Nodes and the removals
/// that EC2 refused; instances being removed are not remembered.
namespace {

/// A Node that names no instance and was Ready may belong to the instance until it is deleted.
void note_nodes_that_may_be(Machine& machine, const std::vector<Node>& nodes) {
    std::set<std::string> may_be;
    for (const auto& node : nodes) {
        const bool was_ready = node.ready || machine.nodes_that_may_be.contains(node.name);
        const bool fits = !node.server && node.instance_id.empty() &&
                          node.created_at >= machine.instance.launched_at;
        if (was_ready && fits) may_be.insert(node.name);
    }
    machine.nodes_that_may_be = std::move(may_be);
}

}  // namespace

void Checker::memory_saved(const Sender& sender) {
    std::erase_if(refused_terminations_, [&](const auto& refused) {
        if (refused.second != sender.epoch) return false;
        ground_.cloud.find(refused.first)->being_removed = false;
        return true;
    });
    if (!sender.listed_instances || !sender.signals || !sender.signals->nodes.known()) return;
    refute_attempts(sender);
    const auto is_reported_ready = [&](const std::string& id) {
        const auto& nodes = sender.signals->nodes.value();
        return std::any_of(nodes.begin(), nodes.end(),
                           [&](const Node& node) { return node.ready && node.name == id; });
    };
    for (auto& machine : ground_.cloud.machines()) {
        if (!counts(machine) || machine.listed_from > sender.asked_at) continue;
        ++machine.observations;
        const bool is_ready = is_reported_ready(machine.instance.id);
        if (is_ready) {
            machine.not_ready_since.reset();
        } else if (!machine.not_ready_since) {
            machine.not_ready_since = ground_.timeline.now();
        }
        if (!is_ready) note_nodes_that_may_be(machine, sender.signals->nodes.value());
        if (machine.seen_registered_at || !is_ready) continue;
        machine.seen_registered_at = ground_.timeline.now();
    }
}

void Checker::acting(const Sender& sender) {
    const auto late_by = ground_.timeline.now() - sender.lease_ends;
    if (sender.epoch == 0 || late_by < 0ms) return;
    breach("I6", fmt::format("a call is sent {} s after the lease expired", late_by / 1s));
}

void Checker::offering_refused(const Sender& sender, const Offering& offering) {
    refusal_epochs_[offering] = sender.epoch;
}

void Checker::announced(const Sender& sender, const Operation& operation) {
    announced_.emplace(operation.id, operation);
    operation.kind == OperationKind::remove ? removal_announced(sender, operation)
                                            : launch_announced(sender, operation);
}

void Checker::launch_announced(const Sender& sender, const Operation& operation) {
    asked_.insert(operation.offering);
    const auto refused = refusal_epochs_.find(operation.offering);
    if (refused == refusal_epochs_.end() || refused->second != sender.epoch) return;
    breach("I7", fmt::format("{} in {} was refused in this pass and is requested again",
                             operation.offering.instance_type, operation.offering.zone));
}

bool Checker::registered_lately(const Machine& machine) const {
    if (!machine.is_worker() || !machine.joined) return false;
    return !machine.ended_at || ground_.timeline.now() - *machine.ended_at < observed_before;
}

bool Checker::counts(const Machine& machine) const {
    return machine.is_worker() && machine.runs() && !machine.warned_at && !machine.being_removed;
}

void Checker::launching(const Operation& operation) {
    const auto known = announced_.find(operation.id);
    if (known == announced_.end())
        return breach("I10", "launch " + operation.id + " was not recorded before it was sent");
    if (!is_same_request(known->second, operation))
        breach("I4", "launch " + operation.id + " was sent with other parameters than recorded");
}

void Checker::launched(const Sender& sender, Machine& machine) {
    const auto now = ground_.timeline.now();
    machine.launched_late = sender.epoch != ground_.table.epoch();
    const auto& limits = ground_.settings.policy.limits;
    check_maximum("max_nodes", limits.max_nodes, {});
    if (const auto* pool = find_pool(ground_.settings.policy, machine.instance.offering.pool)) {
        check_maximum("the pool's max_nodes", pool->max_nodes, pool->name);
    }
    check_price();
    if (machine.launched_late) return;
    launches_.push_back(now);
    const auto window = 1h - 2 * clocks_wrong_by_ - 1min;
    const auto lately = std::count_if(launches_.begin(), launches_.end(),
                                      [&](Time at) { return now - at < window; });
    if (lately > limits.max_launches_per_hour) {
        breach("I7", fmt::format("{} launches within an hour; the limit is {}", lately,
                                 limits.max_launches_per_hour));
    }
}

/// The number of running instances with the cluster's tags, in one pool, or in all if `pool` is
/// empty.
int Checker::counted_in(const std::string& pool) const {
    const auto& machines = ground_.cloud.machines();
    return static_cast<int>(
        std::count_if(machines.begin(), machines.end(), [&](const Machine& each) {
            const bool is_of_it = pool.empty() || each.instance.offering.pool == pool;
            return each.ours && each.runs() && is_of_it;
        }));
}

/// Whether a pass may have received an interruption, from EC2 or a forged one.
bool Checker::may_be_interrupted(const Machine& machine) const {
    const bool reported = machine.warned_at || interrupted_.contains(machine.instance.id);
    return reported && machine.instance.offering.capacity == Capacity::spot;
}

/// Instances launched late do not count, and one more is allowed while EC2 is interrupting one.
void Checker::check_maximum(const char* what, int most, const std::string& pool) {
    int late = 0;
    bool is_one_interrupted = false;
    for (const auto& each : ground_.cloud.machines()) {
        const bool is_of_it = pool.empty() || each.instance.offering.pool == pool;
        if (!each.ours || !each.runs() || !is_of_it) continue;
        if (each.launched_late) ++late;
        if (!each.is_worker()) continue;
        is_one_interrupted = is_one_interrupted || may_be_interrupted(each);
    }
    const int counted = counted_in(pool);
    if (counted <= most + late + (is_one_interrupted ? 1 : 0)) return;
    breach("I2", fmt::format("{} instances run, {} of them launched late; {} is {}", counted, late,
                             what, most));
}

/// The price of running instances with the cluster's tags, except those launched late.
double Checker::price_per_hour_usd() const {
    const auto& policy = ground_.settings.policy;
    double price = 0;
    for (const auto& each : ground_.cloud.machines()) {
        const auto* type = find_type(policy, each.instance.offering.instance_type);
        if (!each.ours || !each.runs() || each.launched_late || type == nullptr) continue;
        price += node_price_per_hour_usd(policy, *type);
    }
    return price;
}

void Checker::check_price() {
    const double most = ground_.settings.policy.limits.max_price_per_hour_usd;
    constexpr double rounding = 1e-6;
    const double price = price_per_hour_usd();
    if (most <= 0 || price <= most + rounding) return;
    breach("I7",
           fmt::format("the instances cost {:.4f} USD/h; the limit is {:.4f} USD/h", price, most));
}

bool Checker::has_forged_removal(const std::string& id) const {
    return std::any_of(forged_.begin(), forged_.end(), [&](const auto& entry) {
        return entry.second.kind == OperationKind::remove && entry.second.instance_id == id;
    });
}

void Checker::terminating(const std::string& id) {
    auto* machine = ground_.cloud.find(id);
    if (machine == nullptr) return breach("I1", id + " is terminated, but does not exist");
    if (!machine->ours) breach("I1", id + " is terminated, but does not have the cluster's tags");
    if (machine->server) breach("I1", id + " is terminated, but is a server");
    if (machine->tagged_by_hand) breach("I1", id + " is terminated, but was tagged manually");
    if (has_forged_removal(id)) {
        if (!to_remove_.contains(id)) check_emptiness(*machine);
    } else if (!to_remove_.contains(id)) {
        breach("I10", "the termination of " + id + " was not recorded before it was sent");
    }
    machine->being_removed = true;
}

}  // namespace nodenap::sim
