#pragma once

// The lock of the article "Building a Serverless Autoscaler for K3s on AWS", as it stands there:
// one boolean without an end and without an owner, and a handler that looks before it locks. It
// is here so that a test can show what ours must not do.

#include "cluster_fixture.hpp"

namespace nodenap::test {

class ArticleLock {
public:
    ArticleLock(StateStore& store, std::string cluster)
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

/// The article's handler: progress is checked, then the metrics are asked, then it locks and
/// launches one node by what it saw before. False: "Scaling in progress, skipped".
inline bool article_handler(const Ports& ports, const std::string& cluster) {
    ArticleLock lock(ports.store, cluster);
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
