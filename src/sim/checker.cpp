#include "sim/checker.hpp"

#include "controller/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

/// What ended this recently may still be counted by a pass that looked before.
constexpr Milliseconds sight_may_be_old = 2min;
/// EventBridge brings a spot warning within ten seconds; its pass, if it lives, writes it down.
constexpr Milliseconds warning_travels = 15s;

bool is_unfenced(const std::string& attribute) {
    return attribute == "notices" || attribute == "paused_until";
}

/// Whether the write changes only what anyone may change at any time.
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

/// CPU use once this host is gone; 0 where it has no line of its own.
double percent_without(const Use& use, const std::string& gone) {
    double busy = 0;
    double size = 0;
    bool is_told = false;
    for (const auto& host : use.hosts) {
        busy += host.busy;
        if (host.host == gone) is_told = true;
        if (host.host != gone) size += host.size;
    }
    return is_told && size > 0 ? 100 * busy / size : 0;
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
    check_notices(sender, change);
    if (!announces(change)) return;
    const auto state = state_from(ground_.table.state(), ground_.codec);
    for (const auto& intent : state.open_intents) {
        if (!announced_.contains(intent.id)) announced(sender, intent);
    }
}

/// Who dies with a lease keeps everybody out until it ends: it may outlast the longest pass by its
/// margin, and no more.
void Checker::check_lease(const Sender& sender) {
    const auto length = sender.lease_ends - sender.asked_at;
    if (length <= longest_invocation + lease_margin) return;
    breach("L3", fmt::format("a lease of {} ms, above {} s", length / 1ms,
                             (longest_invocation + lease_margin) / 1s));
}

void Checker::check_fence(const Sender& sender) {
    const auto epoch = ground_.table.epoch();
    if (sender.epoch != epoch) {
        breach("I6",
               fmt::format("a pass of epoch {} wrote the state in epoch {}", sender.epoch, epoch));
    } else if (epoch > 0 && last_writer_.epoch == epoch && sender.sent < last_writer_.sent) {
        breach("I6", fmt::format("a late copy of write {} landed after write {} of epoch {}",
                                 sender.sent, last_writer_.sent, epoch));
    }
    last_writer_ = sender;
}

void Checker::check_notices(const Sender& sender, const Change& change) {
    for (const auto& [path, value] : change.set) {
        if (path.attribute != "notices" || path.entry.empty()) continue;
        noticed_.insert(path.entry);
        const auto* machine = ground_.cloud.find(path.entry);
        if (machine != nullptr && machine->ours) continue;
        breach("L6", "a notice of " + path.entry + " is kept, which is not ours");
    }
    for (const auto& path : change.remove) {
        if (path.attribute != "notices") continue;
        const auto* machine = ground_.cloud.find(path.entry);
        const bool is_there = machine != nullptr && machine->ours && machine->runs();
        if (!is_there || machine->listed_from > sender.asked_at) continue;
        breach("L6", "the notice of " + path.entry + " is taken away, and it runs");
    }
}

void Checker::warning_handled(const std::string& id) {
    if (!noticed_.contains(id)) breach("L6", "the warning of " + id + " was heard and not kept");
}

/// Whoever saves its memory was told what runs and which Nodes are Ready, and which of its removals
/// EC2 refused; what is about to leave is not noted.
void Checker::memory_saved(const Sender& sender) {
    std::erase_if(refused_to_go_, [&](const auto& refused) {
        if (refused.second != sender.epoch) return false;
        ground_.cloud.find(refused.first)->asked_to_go = false;
        return true;
    });
    if (!sender.saw_fleet || !sender.told || !sender.told->nodes.known()) return;
    refute_attempts(sender);
    const auto is_ready = [&](const std::string& id) {
        const auto& nodes = sender.told->nodes.value();
        return std::any_of(nodes.begin(), nodes.end(),
                           [&](const Node& node) { return node.ready && node.instance_id == id; });
    };
    for (auto& machine : ground_.cloud.machines()) {
        if (!counts(machine) || machine.listed_from > sender.asked_at) continue;
        ++machine.sights;
        if (machine.seen_joined_at || !is_ready(machine.instance.id)) continue;
        machine.seen_joined_at = ground_.timeline.now();
    }
}

void Checker::acting(const Sender& sender) {
    const auto late_by = ground_.timeline.now() - sender.lease_ends;
    if (sender.epoch == 0 || late_by < 0ms) return;
    breach("I6", fmt::format("a call begins {} s after the end of its lease", late_by / 1s));
}

void Checker::offer_refused(const Sender& sender, const Offer& offer) {
    refused_in_[offer] = sender.epoch;
}

void Checker::announced(const Sender& sender, const Intent& intent) {
    announced_.emplace(intent.id, intent);
    intent.kind == IntentKind::remove ? removal_announced(sender, intent)
                                      : launch_announced(sender, intent);
}

void Checker::launch_announced(const Sender& sender, const Intent& intent) {
    asked_.insert(intent.offer);
    const auto refused = refused_in_.find(intent.offer);
    if (refused == refused_in_.end() || refused->second != sender.epoch) return;
    breach("I7", fmt::format("{} in {} was refused in this pass, and is asked for again",
                             intent.offer.instance_type, intent.offer.zone));
}

void Checker::removal_announced(const Sender& sender, const Intent& intent) {
    const bool again = !to_remove_.insert(intent.instance_id).second;
    if (intent.reason != not_joined && was_blind(sender)) {
        breach("I5", fmt::format("{} is to go ({}), and not everything could be seen",
                                 intent.instance_id, intent.reason));
    }
    auto* machine = ground_.cloud.find(intent.instance_id);
    if (machine == nullptr) return;
    machine->asked_to_go = true;
    if (intent.reason == not_joined) return check_given_up(sender, *machine);
    if (intent.reason == "underused") check_cooldown(sender, intent);
    before_last_removal_ = std::exchange(last_removal_at_, sender.now);
    last_removed_ = intent.instance_id;
    if (again) return;
    if (machine->runs()) removals_.push_back(ground_.timeline.now());
    check_emptiness(*machine);
    check_room(sender, *machine);
    if (machine->seen_joined_at) check_minimum(sender, intent);  // what boots counts for none
}

/// Whether most of the Nodes that were Ready once are not told, by those that are ours and run.
bool Checker::most_are_hidden(const Sender& sender) const {
    if (!sender.told || !sender.told->nodes.known()) return true;
    std::set<std::string> told;
    for (const auto& node : sender.told->nodes.value()) told.insert(node.instance_id);
    int expected = 0;
    int missing = 0;
    for (const auto& machine : ground_.cloud.machines()) {
        if (!machine.ours || machine.server || !machine.runs()) continue;
        const bool is_told = told.contains(machine.instance.id);
        const bool is_missing = !is_told && machine.seen_joined_at && counts(machine);
        if (is_told || is_missing) ++expected;
        if (is_missing) ++missing;
    }
    return 2 * missing > expected;
}

/// Where a few Nodes are missing and all else is told, no pass can know.
bool Checker::was_blind(const Sender& sender) const {
    if (sender.saw_all) return false;
    const bool only_nodes = sender.told && sender.told->cpu.known() &&
                            sender.told->pending.known() && sender.told->nodes.known();
    return !only_nodes || most_are_hidden(sender);
}

/// The pods of one that goes, with all others, within what all other Ready Nodes have, and the CPU
/// that is used within what would not ask for a node again.
void Checker::check_room(const Sender& sender, const Machine& machine) {
    if (!sender.told || !sender.told->nodes.known()) return;
    Resources room;
    Resources asked;
    bool has_pods = false;
    for (const auto& node : sender.told->nodes.value()) {
        if (node.instance_id == machine.instance.id) {
            has_pods = !node.only_daemonset_pods;
            asked = asked + (node.requested - node.daemonset_requested);
        } else if (node.ready) {
            room = room + node.allocatable;
            asked = asked + node.requested;
        }
    }
    const auto& id = machine.instance.id;
    if (has_pods && !fits_within(asked, room)) {
        breach("I8", id + " is to go, and its pods fit nowhere else");
    }
    if (!sender.told->cpu.known()) return;
    const double line = ground_.settings.policy.scale_up.cpu_above_percent;
    const double percent = percent_without(sender.told->cpu.value(), id);
    if (percent <= line + 1e-6) return;
    breach("L5", fmt::format("{} is to go, and CPU would be at {:.0f} %, above {:.0f} %", id,
                             percent, line));
}

/// That nobody ever told of a Node cannot be told from an instance that never joined, unless most
/// Nodes are hidden.
void Checker::check_given_up(const Sender& sender, const Machine& machine) {
    const auto& id = machine.instance.id;
    if (machine.seen_joined_at) {
        return breach("I5", id + " is given up, and was seen Ready");
    }
    if (machine.joined && !sender.saw_nodes && most_are_hidden(sender)) {
        return breach("I5", id + " is given up, is Ready, and most Nodes are hidden");
    }
    if (sender.told && sender.told->nodes.known()) {
        for (const auto& node : sender.told->nodes.value()) {
            const bool may_be_its = node.ready && !node.server && node.instance_id.empty() &&
                                    node.created_at >= machine.instance.launched_at;
            if (machine.joined && may_be_its) {
                return breach("I5", id + " is given up, and " + node.name + " may be its Node");
            }
            const bool holds_pods = node.requested.pods > node.daemonset_requested.pods;
            if (node.instance_id != id || !holds_pods) continue;
            return breach("I8", id + " is given up, and pods were given to it");
        }
    }
    if (clocks_wrong_by_ == 0ms && machine.sights == 0) {
        breach("I5", id + " is given up by the first pass that was told of Nodes");
    }
}

/// By the clocks of the passes, which may be wrong.
void Checker::check_cooldown(const Sender& sender, const Intent& intent) {
    if (!last_removal_at_) return;
    const auto since = sender.now - *last_removal_at_;
    if (since >= ground_.settings.policy.scale_down.cooldown) return;
    breach("I11", fmt::format("{} is to go {} s after the last removal, and the cooldown lasts",
                              intent.instance_id, since / 1s));
}

void Checker::check_minimum(const Sender& sender, const Intent& intent) {
    const auto& machines = ground_.cloud.machines();
    const auto notices = state_from(ground_.table.state(), ground_.codec).notices;
    const auto left = std::count_if(machines.begin(), machines.end(), [&](const Machine& each) {
        const bool long_warned =
            each.warned_at && *each.warned_at + warning_travels < sender.asked_at;
        const bool known_to_go = long_warned && notices.contains(each.instance.id);
        const bool stays = !each.asked_to_go || refused_to_go_.contains(each.instance.id);
        return joined_lately(each) && !known_to_go && stays;
    });
    const int least = ground_.settings.policy.limits.min_nodes;
    if (left >= least) return;
    breach("I3", fmt::format("{} is to go ({}), and leaves {} joined of at least {}",
                             intent.instance_id, intent.reason, left, least));
}

/// Without a drain only what was empty goes, as far as the last scrape could tell.
void Checker::check_emptiness(const Machine& machine) {
    const auto& settings = ground_.settings;
    if (settings.policy.scale_down.without_drain == WithoutDrain::any || !machine.runs()) return;
    for (const auto& pod : ground_.cluster.pods()) {
        const bool lives_there = !pod.daemon && pod.node == machine.instance.id;
        const auto since = ground_.timeline.now() - pod.bound_at;
        if (!lives_there || since < sight_may_be_old + settings.metrics.max_age) continue;
        return breach("I8", machine.instance.id + " is to go, and " + pod.name + " runs on it");
    }
}

bool Checker::joined_lately(const Machine& machine) const {
    if (!machine.ours || machine.server || !machine.joined) return false;
    return !machine.ended_at || ground_.timeline.now() - *machine.ended_at < sight_may_be_old;
}

bool Checker::counts(const Machine& machine) const {
    return machine.ours && !machine.server && machine.runs() && !machine.warned_at &&
           !machine.asked_to_go;
}

void Checker::launching(const Intent& intent) {
    const auto known = announced_.find(intent.id);
    if (known == announced_.end()) return breach("I10", intent.id + " was never written down");
    if (!is_same_request(known->second, intent))
        breach("I4", intent.id + " is sent with other words");
}

void Checker::launched(const Sender& sender, Machine& machine) {
    const auto now = ground_.timeline.now();
    machine.landed_late = sender.epoch != ground_.table.epoch();
    const auto& limits = ground_.settings.policy.limits;
    check_maximum("max_nodes", limits.max_nodes, {});
    if (const auto* pool = find_pool(ground_.settings.policy, machine.instance.offer.pool)) {
        check_maximum("the pool's max_nodes", pool->max_nodes, pool->name);
    }
    check_price();
    if (machine.landed_late) return;
    launches_.push_back(now);
    const auto window = 1h - 2 * clocks_wrong_by_ - 1min;
    const auto lately = std::count_if(launches_.begin(), launches_.end(),
                                      [&](Time at) { return now - at < window; });
    if (lately > limits.max_launches_per_hour) {
        breach("I7", fmt::format("{} launches in an hour, and {} are allowed", lately,
                                 limits.max_launches_per_hour));
    }
}

/// Of one pool, or of all where it has no name.
int Checker::alive_in(const std::string& pool) const {
    const auto& machines = ground_.cloud.machines();
    return static_cast<int>(
        std::count_if(machines.begin(), machines.end(), [&](const Machine& each) {
            return counts(each) && (pool.empty() || each.instance.offer.pool == pool);
        }));
}

/// What landed late, and what was to go and EC2 keeps: its place was given away before it refused.
void Checker::check_maximum(const char* what, int most, const std::string& pool) {
    const auto& machines = ground_.cloud.machines();
    const auto late = std::count_if(machines.begin(), machines.end(), [&](const Machine& each) {
        const bool is_of_it = pool.empty() || each.instance.offer.pool == pool;
        const bool is_kept = each.terminate_refused && to_remove_.contains(each.instance.id);
        return counts(each) && is_of_it && (each.landed_late || is_kept);
    });
    const int alive = alive_in(pool);
    if (alive <= most + late) return;
    breach("I2", fmt::format("{} are alive, {} of them landed late, and {} is {}", alive, late,
                             what, most));
}

/// Of what counts, but for what landed late.
double Checker::price_per_hour_usd() const {
    const auto& policy = ground_.settings.policy;
    double price = 0;
    for (const auto& each : ground_.cloud.machines()) {
        const auto* type = find_type(policy, each.instance.offer.instance_type);
        if (!counts(each) || each.landed_late || type == nullptr) continue;
        price += node_price_per_hour_usd(policy, *type);
    }
    return price;
}

void Checker::check_price() {
    const double most = ground_.settings.policy.limits.max_price_per_hour_usd;
    constexpr double rounding = 1e-6;
    const double price = price_per_hour_usd();
    if (most <= 0 || price <= most + rounding) return;
    breach("I7", fmt::format("an hour costs {:.4f} USD, and {:.4f} are allowed", price, most));
}

void Checker::termination_refused(const std::string& id) {
    refused_to_go_[id] = ground_.table.epoch();
    if (id == last_removed_) last_removal_at_ = before_last_removal_;
}

void Checker::terminating(const std::string& id) {
    auto* machine = ground_.cloud.find(id);
    if (machine == nullptr) return breach("I1", id + " is to be terminated, and never was");
    if (!machine->ours) breach("I1", id + " is terminated, and is not ours");
    if (machine->server) breach("I1", id + " is terminated, and is a server");
    if (!to_remove_.contains(id)) breach("I10", "the end of " + id + " was never written down");
    machine->asked_to_go = true;
}

}  // namespace nodenap::sim
