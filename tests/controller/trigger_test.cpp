#include "controller/trigger.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

TEST(TriggerTest, EachHasItsNameAndMayWaitForTheLease) {
    struct Case {
        Trigger trigger;
        const char* name;
        bool may_be_skipped;
    };
    const Case cases[] = {{Scheduled{}, "scheduled", true},
                          {Alert{{"KubePodPending"}, true}, "alert", false},
                          {Alert{{}, false}, "alert", false},
                          {SpotWarning{"i-1", "2026-11-23T20:00:00Z"}, "spot_warning", false},
                          {Rebalance{"i-1"}, "rebalance", false},
                          {StateChange{"i-1", "terminated"}, "state_change", false},
                          {Action::status, "status", true},
                          {Action::tick, "tick", true}};
    for (const auto& each : cases) {
        EXPECT_EQ(name_of(each.trigger), each.name);
        EXPECT_EQ(may_be_skipped(each.trigger), each.may_be_skipped) << each.name;
    }
}

}  // namespace
}  // namespace nodenap::test
