#include "controller/pass.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

/// A launch that was begun this recently is still wanted and repeated; an older one only waits
/// for `launch_settled_after`, and the rules decide anew.
constexpr Milliseconds launch_wanted_for = 5min;

enum class Fate { adopted, repeated, closed, open };

const Instance* launched_by(const std::vector<Instance>& fleet, const Intent& intent) {
    const auto found = std::find_if(fleet.begin(), fleet.end(), [&](const Instance& instance) {
        return instance.intent == intent.id;
    });
    return found == fleet.end() ? nullptr : &*found;
}

const Instance* find_instance(const std::vector<Instance>& fleet, const std::string& id) {
    const auto found = std::find_if(fleet.begin(), fleet.end(),
                                    [&](const Instance& instance) { return instance.id == id; });
    return found == fleet.end() ? nullptr : &*found;
}

bool may_repeat(const Pass& pass) {
    const bool paused = pass.state.paused_until && *pass.state.paused_until > pass.now;
    return !paused && pass.settings.policy.mode != Mode::observe;
}

Fate fate_of_launch(const Pass& pass, const Intent& intent) {
    if (launched_by(pass.fleet.value(), intent) != nullptr) return Fate::adopted;
    const auto age = pass.now - intent.since;
    if (age >= launch_settled_after) return Fate::closed;
    const bool wanted = age < launch_wanted_for && may_repeat(pass) &&
                        find_pool(pass.settings.policy, intent.offer.pool) != nullptr;
    return wanted ? Fate::repeated : Fate::open;
}

Fate fate_of_removal(const Pass& pass, const Intent& intent) {
    const auto* instance = find_instance(pass.fleet.value(), intent.instance_id);
    const bool gone = instance == nullptr || (instance->state != InstanceState::pending &&
                                              instance->state != InstanceState::running);
    return gone ? Fate::closed : Fate::repeated;
}

void adopt(Pass& pass, const Intent& intent) {
    const auto* instance = launched_by(pass.fleet.value(), intent);
    note_launch(pass.memory, intent.since);
    pass.done.push_back({"adopt", instance->id, "found by its intent"});
    pass.closed.push_back(intent.id);
}

void close_unseen(Pass& pass, const Intent& intent) {
    if (intent.kind == IntentKind::launch) {
        pass.done.push_back({"close", intent.id, "never launched"});
    }
    pass.closed.push_back(intent.id);
}

}  // namespace

void settle(Pass& pass) {
    if (!pass.fleet.known()) return;
    std::vector<Intent> launches;
    std::vector<Intent> removals;
    for (const auto& intent : pass.state.open_intents) {
        const bool is_launch = intent.kind == IntentKind::launch;
        switch (is_launch ? fate_of_launch(pass, intent) : fate_of_removal(pass, intent)) {
            case Fate::adopted: adopt(pass, intent); break;
            case Fate::closed: close_unseen(pass, intent); break;
            case Fate::repeated: (is_launch ? launches : removals).push_back(intent); break;
            case Fate::open: pass.unsettled = true; break;
        }
    }
    launch(pass, launches);
    terminate(pass, removals);
}

std::vector<Instance> with_open_intents(std::vector<Instance> fleet, const State& state,
                                        const std::set<std::string>& closed, Time now) {
    for (auto& instance : fleet) {
        const auto notice = state.notices.find(instance.id);
        if (notice != state.notices.end() && notice->second.kind == "spot_warning") {
            instance.leaving = true;
        }
    }
    for (const auto& intent : state.open_intents) {
        if (closed.contains(intent.id)) continue;
        if (intent.kind == IntentKind::remove) {
            for (auto& instance : fleet) {
                if (instance.id == intent.instance_id) instance.leaving = true;
            }
        } else if (launched_by(fleet, intent) == nullptr) {
            Instance expected;
            expected.id = intent.id;
            expected.offer = intent.offer;
            expected.launched_at = now;  // it cannot be late to join before it is there
            expected.intent = intent.id;
            expected.epoch = intent.epoch;
            fleet.push_back(std::move(expected));
        }
    }
    return fleet;
}

}  // namespace nodenap
