#include "sim/world/recording_ports.hpp"

#include "sim/world/world.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace nodenap::sim {

Signals RecordingPorts::read(Time now, Milliseconds window) {
    auto signals = asked_.metrics.read(now, window);
    if (!link_.is_dead()) link_.sender.signals = std::make_shared<const Signals>(signals);
    return signals;
}

Result<std::vector<Instance>> RecordingPorts::list() {
    link_.sender.listed_instances = false;
    auto listed = asked_.fleet.list();
    link_.sender.listed_instances = bool(listed);
    return listed;
}

std::vector<Result<Instance>> RecordingPorts::launch(const std::vector<Operation>& operations) {
    if (!link_.is_dead()) world_.checker.acting(link_.sender);
    auto answers = asked_.fleet.launch(operations);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto& answer = answers[i];
        if (!answer && answer.error().kind == ErrorKind::no_capacity)
            world_.checker.offering_refused(link_.sender, operations[i].offering);
    }
    return answers;
}

std::vector<Status> RecordingPorts::terminate(const std::vector<std::string>& instance_ids) {
    if (!link_.is_dead()) world_.checker.acting(link_.sender);
    return asked_.fleet.terminate(instance_ids);
}

Result<Updated> RecordingPorts::update(const Key& key, const Change& change,
                                       const Condition& condition) {
    note_acquire(change);
    return asked_.store.update(key, change, condition);
}

/// An acquire is recognized because it increments the epoch, and its repetition by the same owner.
void RecordingPorts::note_acquire(const Change& change) {
    auto& sender = link_.sender;
    ++sender.sent;
    sender.acquires = !change.add.empty();
    if (!sender.acquires) return;
    const auto value_of = [&](const char* name) -> const Attribute* {
        const auto found = std::find_if(change.set.begin(), change.set.end(), [&](const auto& set) {
            return set.first.attribute == name;
        });
        return found == change.set.end() ? nullptr : &found->second;
    };
    const auto* owner = value_of("lease_owner");
    const auto* until = value_of("lease_until");
    if (owner == nullptr || until == nullptr) return;
    const auto& name = std::get<std::string>(owner->value);
    if (std::exchange(acquiring_owner_, name) == name) return;
    sender.asked_at = world_.timeline.now();
    sender.now = asked_.clock.now();
    const Time ends{Milliseconds{std::get<std::int64_t>(until->value)}};
    sender.lease_ends = sender.asked_at + (ends - sender.now);
}

Result<AttributeMap> RecordingPorts::get(const Key& key) {
    auto item = asked_.store.get(key);
    const auto* id = instance_of(trigger_);
    knows_interrupted_ =
        id != nullptr && item && state_from(*item, world_.codec).memory.instances.contains(*id);
    return item;
}

Result<std::vector<AttributeMap>> RecordingPorts::query(const Query& query) {
    return asked_.store.query(query);
}

}  // namespace nodenap::sim
