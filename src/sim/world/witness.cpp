#include "sim/world/witness.hpp"

#include "sim/world/world.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace nodenap::sim {

Signals Witness::read(Time now, Milliseconds window) {
    auto signals = asked_.metrics.read(now, window);
    if (!way_.is_dead()) way_.sender.told = std::make_shared<const Signals>(signals);
    return signals;
}

Result<std::vector<Instance>> Witness::list() {
    way_.sender.saw_fleet = false;
    auto listed = asked_.fleet.list();
    way_.sender.saw_fleet = bool(listed);
    return listed;
}

std::vector<Result<Instance>> Witness::launch(const std::vector<Intent>& intents) {
    if (!way_.is_dead()) world_.checker.acting(way_.sender);
    auto answers = asked_.fleet.launch(intents);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto& answer = answers[i];
        if (!answer && answer.error().kind == ErrorKind::no_capacity)
            world_.checker.offer_refused(way_.sender, intents[i].offer);
    }
    return answers;
}

std::vector<Status> Witness::terminate(const std::vector<std::string>& instance_ids) {
    if (!way_.is_dead()) world_.checker.acting(way_.sender);
    return asked_.fleet.terminate(instance_ids);
}

Result<Updated> Witness::update(const Key& key, const Change& change, const Condition& condition) {
    note_asking(change);
    return asked_.store.update(key, change, condition);
}

/// An acquire is told by the epoch that it adds to, and its repetition by the same owner.
void Witness::note_asking(const Change& change) {
    auto& sender = way_.sender;
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
    if (std::exchange(asks_as_, name) == name) return;
    sender.asked_at = world_.timeline.now();
    sender.now = asked_.clock.now();
    const Time ends{Milliseconds{std::get<std::int64_t>(until->value)}};
    sender.lease_ends = sender.asked_at + (ends - sender.now);
}

Result<AttributeMap> Witness::get(const Key& key) {
    auto item = asked_.store.get(key);
    const auto* id = instance_of(trigger_);
    knows_the_warned_ =
        id != nullptr && item && state_from(*item, world_.codec).memory.instances.contains(*id);
    return item;
}

Result<std::vector<AttributeMap>> Witness::query(const Query& query) {
    return asked_.store.query(query);
}

}  // namespace nodenap::sim
