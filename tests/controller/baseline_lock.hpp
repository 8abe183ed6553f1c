#pragma once

// The baseline's lock: one boolean without expiry and without owner, and a handler that observes
// before it locks. It shows what Nodenap must not do.

#include "cluster_fixture.hpp"

namespace nodenap::test {

class BaselineLock {
public:
    BaselineLock(StateStore& store, std::string cluster)
        : store_(store), cluster_(std::move(cluster)) {}

    bool in_progress() {
        const auto item = store_.get(key());
        const auto found = item->find("scaling_in_progress");
        return found != item->end() && std::get<bool>(found->second.value);
    }

    bool take() {
        const Condition is_free{{{{"scaling_in_progress", Test::absent}},
                                 {{"scaling_in_progress", Test::equals, {false}}}}};
        const auto taken = store_.update(key(), set_to(true), is_free);
        return taken && !taken->refused;
    }

    void release() { (void)store_.update(key(), set_to(false), {}); }

private:
    Key key() const { return {cluster_, "state"}; }

    static Change set_to(bool value) {
        Change change;
        change.set = {{{"scaling_in_progress"}, {value}}};
        return change;
    }

    StateStore& store_;
    std::string cluster_;
};

/// The baseline's handler: it checks for progress, queries the metrics, then locks and launches one
/// node based on the earlier metrics. False: "Scaling in progress, skipped".
inline bool baseline_handler(const Ports& ports, const std::string& cluster) {
    BaselineLock lock(ports.store, cluster);
    if (lock.in_progress()) return false;
    const auto signals = ports.metrics.read(ports.clock.now(), std::chrono::minutes(5));
    const bool scale_up = signals.pending.known() && signals.pending.value().count > 0;
    if (!scale_up || !lock.take()) return scale_up;
    Operation node;
    node.id = std::to_string(ports.clock.monotonic().count());  // no client token: always a new one
    node.offering = small_a;
    (void)ports.fleet.launch({node});
    lock.release();
    return true;
}

}  // namespace nodenap::test
