#include "controller/pass.hpp"
#include "decide/explain.hpp"
#include "decide/membership.hpp"
#include "decide/removal.hpp"

#include <utility>

namespace nodenap {
namespace {

/// The rules' input as if this removal had not been recorded.
Snapshot snapshot_without(const Pass& pass, const Signals& signals, const Operation& removal) {
    auto uncounted = pass.closed;
    uncounted.insert(removal.id);
    return snapshot_of(pass, uncounted, signals, pass.memory);
}

}  // namespace

std::vector<Operation> still_allowed(Pass& pass, const Signals& signals,
                                     std::vector<Operation> removals) {
    const auto& policy = pass.settings.policy;
    std::erase_if(removals, [&](const Operation& operation) {
        const auto snapshot = snapshot_without(pass, signals, operation);
        const auto why =
            why_not_removed(membership(snapshot, policy), snapshot, policy,
                            {{}, operation.instance_id, removal_cause(operation.reason)});
        if (!why) return false;
        pass.ports.log.write({"removal_held",
                              {{"intent", operation.id},
                               {"instance_id", operation.instance_id},
                               {"reason", std::string(word(why->code))},
                               {"text", why->text}}});
        return true;
    });
    return removals;
}

}  // namespace nodenap
