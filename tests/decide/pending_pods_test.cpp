#include "decide/pending_pods.hpp"

#include "kube_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

using test::KubeWorld;
using test::placed;
using testing::ElementsAre;

TEST(PendingPods, SomeCauseNoLaunch) {
    KubeWorld world;
    world.wait_for(7);
    auto* pods = &world.state.pods[2];
    pods[0].gates = {"example.com/wait"};
    pods[1].scheduler = "batch";
    pods[2].controller->kind = "DaemonSet";
    pods[3].nominated_node = "one";
    pods[4].nominated_node = "gone";
    pods[5].deleted_at = Time{};
    pods[6].phase = PodPhase::failed;
    const auto found = pending_pods(world.state);
    EXPECT_THAT(found.unschedulable, ElementsAre(&pods[4])) << "its nomination is stale";
    EXPECT_THAT(found.not_judged,
                ElementsAre(UnplaceablePod{"default/new-0",
                                           "has the scheduling gate "
                                           "example.com/wait"},
                            UnplaceablePod{"default/new-1", "is placed by the scheduler batch"},
                            UnplaceablePod{"default/new-2",
                                           "belongs to a DaemonSet: a new node does not help it"},
                            UnplaceablePod{"default/new-3",
                                           "waits for pods to end on one, which "
                                           "is kept for it"}));
}

}  // namespace
}  // namespace nodenap
