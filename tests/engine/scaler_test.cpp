#include "engine/scaler.hpp"

#include "engine/cluster.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

void expect_outcomes(const std::vector<Case>& cases) {
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        Cluster cluster;
        each.given(cluster);
        EXPECT_EQ(outcome(cluster.plan()), each.wanted);
    }
}

TEST(Minimum, IsKeptWhateverElse) {
    expect_outcomes({
        {"an empty cluster gets its minimum", [](Cluster&) {},
         "scale_up below_minimum +2 t2.small"},
        {"one node of two", [](Cluster& c) { c.ready(1); },
         "scale_up below_minimum +1 t2.small"},
        {"a booting node counts", [](Cluster& c) { c.ready(1).booting("i-2"); },
         "hold booting"},
        {"a node that is not Ready counts: it is alive and paid for",
         [](Cluster& c) { c.ready(1).notready("i-2", 20min); }, "hold at_minimum"},
        {"a node that leaves does not count",
         [](Cluster& c) { c.ready(2).instance("i-2").leaving = true; },
         "scale_up below_minimum +1 t2.small"},
        {"an instance that shuts down does not count",
         [](Cluster& c) { c.ready(2).instance("i-2").state = InstanceState::shutting_down; },
         "scale_up below_minimum +1 t2.small"},
        {"the cooldown does not hold it",
         [](Cluster& c) { c.ready(1).memory().last_removal_at = start - 1s; },
         "scale_up below_minimum +1 t2.small"},
        {"unknown metrics do not hold it",
         [](Cluster& c) {
             c.ready(1).snapshot.signals = {};
         },
         "scale_up below_minimum +1 t2.small"},
    });
}

TEST(Pending, IsServedAtOnce) {
    expect_outcomes({
        {"one pod, one node",
         [](Cluster& c) { c.ready(2).pending("web", 1, resources(500, 512)); },
         "scale_up pending_pods +1 t2.small"},
        {"no pod waits, nothing is added", [](Cluster& c) { c.ready(3); }, "hold nothing_to_do"},
    });
}

}  // namespace
}  // namespace nodenap::test
