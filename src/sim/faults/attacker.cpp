#include "sim/faults/attacker.hpp"

#include "controller/memory.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

/// A write to the table by an attacker with access, if a pass has created the item.
void write_forged(World& world, const Operation& operation) {
    if (!world.table.state().contains("open_intents")) return;
    Change change;
    announce(change, operation);
    world.trace.add(world.timeline.now(), "attacker", "forges operation " + operation.id);
    world.checker.forged(operation);
    (void)world.table.update(state_key(world.settings.cluster), change, {});
}

/// Once, as soon as there is an operation's id to read, and before a pass lists the launched
/// instance.
void copy_tags(World& world, const Machine& launched) {
    Machine copy;
    copy.ours = true;
    copy.tagged_by_hand = true;
    copy.launched_late = true;
    copy.instance.state = InstanceState::running;
    copy.instance.offering = launched.instance.offering;
    copy.instance.operation = launched.instance.operation;
    copy.instance.epoch = launched.instance.epoch;
    copy.instance.launch_template = "lt-of-the-attacker";
    world.on_launch = {};
    world.cloud.place(std::move(copy));
}

}  // namespace

Attacker::Attacker(World& world, const Faults& faults)
    : world_(world), random_(world.seed(), "attacker"), faults_(faults) {}

void Attacker::begin() {
    if (!random_.chance(faults_.tagged_by_hand)) return;
    Machine tagged;
    tagged.ours = true;
    tagged.tagged_by_hand = true;
    tagged.instance.state = InstanceState::running;
    tagged.instance.offering = {"", "m5.large", "zone-a", Capacity::on_demand};
    world_.cloud.place(std::move(tagged));
    world_.on_launch = [&world = world_](const Machine& launched) { copy_tags(world, launched); };
}

void Attacker::strike() {
    if (stopped_) return;
    for (const auto& machine : world_.cloud.machines()) {
        if (machine.is_worker() && machine.runs() && machine.joined) attack(machine);
    }
}

void Attacker::attack(const Machine& victim) {
    auto& timeline = world_.timeline;
    const auto later = [&](double chance, std::function<void()> what) {
        const auto when = random_.between(0s, 10min);
        if (!random_.chance(chance)) return;
        timeline.after(when, [this, &victim, what = std::move(what)] {
            if (victim.runs() && !stopped_) what();
        });
    };
    later(faults_.rogue_node, [this, &victim] { register_node(victim); });
    later(faults_.forged_interruption, [this, &victim] {
        world_.wake(SpotWarning{victim.instance.id, ""});
    });
    later(faults_.forged_launch, [this, &victim] { forge_launch(victim); });
    later(faults_.forged_removal, [this, &victim] { forge_removal(victim); });
}

void Attacker::register_node(const Machine& victim) {
    auto name = fmt::format("rogue-{}", ++made_);
    world_.cluster.add_rogue(name, victim.instance);
    nodes_.push_back(std::move(name));
}

/// The offering of a worker, launched from a template of the attacker.
void Attacker::forge_launch(const Machine& like) {
    Operation operation = like.request;
    operation.id = fmt::format("forged-{}", ++made_);
    operation.since = world_.timeline.now();
    operation.launch_template = "lt-of-the-attacker";
    write_forged(world_, operation);
}

void Attacker::forge_removal(const Machine& victim) {
    Operation operation;
    operation.id = fmt::format("forged-{}", ++made_);
    operation.kind = OperationKind::remove;
    operation.since = world_.timeline.now();
    operation.offering = victim.instance.offering;
    operation.instance_id = victim.instance.id;
    operation.reason = "underused";
    write_forged(world_, operation);
}

void Attacker::stop() {
    stopped_ = true;
    world_.on_launch = {};
    for (const auto& name : nodes_) world_.cluster.remove_node(name);
    nodes_.clear();
}

}  // namespace nodenap::sim
