#include "sim/world/cloud.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

struct Sky {
    Sky() {
        cloud.listen({[](Machine&) {}, [this](Machine&, bool) { ++ended; }, [](Machine&) {}});
    }
    static Operation operation(const char* id) {
        Operation made;
        made.id = id;
        made.offering = {"workers", "t2.small", "zone-a", Capacity::on_demand};
        return made;
    }
    void pass(Milliseconds span) { timeline.run_until(timeline.now() + span); }

    Timeline timeline{Time{}};
    Trace trace{false};
    Cloud cloud{timeline, trace, 1};
    int ended = 0;
};

TEST(Cloud, OneTokenIsOneInstance) {
    Sky sky;
    const auto first = sky.cloud.run(Sky::operation("a"));
    const auto again = sky.cloud.run(Sky::operation("a"));
    ASSERT_TRUE(first && again);
    EXPECT_EQ(first->id, again->id);
    EXPECT_EQ(sky.cloud.list().size(), 1U);
    auto other = Sky::operation("a");
    other.offering.zone = "zone-b";
    EXPECT_EQ(sky.cloud.run(other).error().code, "IdempotentParameterMismatch");
}

TEST(Cloud, InstanceStatesAdvance) {
    Sky sky;
    const auto id = sky.cloud.run(Sky::operation("a"))->id;
    EXPECT_EQ(sky.cloud.find(id)->instance.state, InstanceState::pending);
    sky.pass(30s);
    EXPECT_EQ(sky.cloud.find(id)->instance.state, InstanceState::running);
    EXPECT_TRUE(sky.cloud.terminate(id));
    EXPECT_EQ(sky.cloud.find(id)->instance.state, InstanceState::shutting_down);
    EXPECT_EQ(sky.ended, 1);
    sky.pass(1min);
    EXPECT_EQ(sky.cloud.list().at(0).state, InstanceState::terminated);
    sky.pass(1h);
    EXPECT_TRUE(sky.cloud.list().empty()) << "listed for an hour";
    EXPECT_TRUE(sky.cloud.terminate("i-unknown")) << "gone is as we want it";
}

TEST(Cloud, InterruptedInstanceTerminatesAfterTwoMinutes) {
    Sky sky;
    const auto id = sky.cloud.run(Sky::operation("a"))->id;
    sky.cloud.warn(*sky.cloud.find(id));
    sky.pass(2min - 1ms);
    EXPECT_TRUE(sky.cloud.find(id)->runs());
    sky.pass(1ms);
    EXPECT_FALSE(sky.cloud.find(id)->runs());
}

TEST(Cloud, RefusesAccordingToItsFaults) {
    Sky sky;
    Faults faults;
    faults.no_capacity = 1;
    sky.cloud.set_faults(faults);
    EXPECT_EQ(sky.cloud.run(Sky::operation("a")).error().code, "InsufficientInstanceCapacity");
    faults = {};
    faults.quota = 1;
    sky.cloud.set_faults(faults);
    EXPECT_EQ(sky.cloud.run(Sky::operation("a")).error().code, "VcpuLimitExceeded");
    faults = {};
    faults.terminate_refused = 1;
    faults.listed_late = 1;
    sky.cloud.set_faults(faults);
    const auto id = sky.cloud.run(Sky::operation("b"))->id;
    EXPECT_TRUE(sky.cloud.list().empty());
    sky.pass(1min);
    EXPECT_EQ(sky.cloud.list().size(), 1U);
    EXPECT_EQ(sky.cloud.terminate(id).error().code, "OperationNotPermitted");
}

}  // namespace
}  // namespace nodenap::sim
