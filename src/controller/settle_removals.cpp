#include "controller/pass.hpp"
#include "decide/explain.hpp"
#include "decide/lifecycle.hpp"
#include "decide/removal.hpp"

#include <utility>

namespace nodenap {
namespace {

/// What the rules see where this one removal was never announced.
Snapshot snapshot_without(const Pass& pass, const Signals& signals, const Intent& removal) {
    auto uncounted = pass.closed;
    uncounted.insert(removal.id);
    return snapshot_of(pass, uncounted, signals, pass.memory);
}

}  // namespace

std::vector<Intent> still_allowed(Pass& pass, const Signals& signals,
                                  std::vector<Intent> removals) {
    const auto& policy = pass.settings.policy;
    std::erase_if(removals, [&](const Intent& intent) {
        const auto snapshot = snapshot_without(pass, signals, intent);
        const auto why = why_not_removed(membership(snapshot, policy), snapshot, policy,
                                         {{}, intent.instance_id, intent.reason});
        if (!why) return false;
        pass.ports.log.write({"removal_held",
                              {{"intent", intent.id},
                               {"instance_id", intent.instance_id},
                               {"reason", std::string(word(why->code))},
                               {"text", why->text}}});
        return true;
    });
    return removals;
}

}  // namespace nodenap
