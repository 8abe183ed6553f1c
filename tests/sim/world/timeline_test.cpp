#include "sim/world/timeline.hpp"

#include "sim/world/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

struct Lines {
    Timeline timeline{world_begins};
    std::vector<std::string> log;

    void tell(const std::string& what) {
        const auto at = timeline.now() - world_begins;
        log.push_back(std::to_string(at.count()) + " " + what);
    }
};

TEST(Timeline, RunsEventsInOrder) {
    Lines lines;
    lines.timeline.after(20ms, [&] { lines.tell("second"); });
    lines.timeline.after(10ms, [&] { lines.tell("first"); });
    lines.timeline.after(20ms, [&] { lines.tell("third, planned later"); });
    lines.timeline.after(90ms, [&] { lines.tell("never"); });
    lines.timeline.run_until(world_begins + 50ms);
    EXPECT_THAT(lines.log, ElementsAre("10 first", "20 second", "20 third, planned later"));
    EXPECT_EQ(lines.timeline.now(), world_begins + 50ms);
}

TEST(Timeline, TwoFibersAlternate) {
    Lines lines;
    const auto walk = [&](const std::string& who, Milliseconds step) {
        for (int i = 1; i <= 2; ++i) {
            lines.timeline.wait(step);
            lines.tell(who + std::to_string(i));
        }
    };
    lines.timeline.at(world_begins, [&] {
        lines.timeline.start([&] { walk("a", 10ms); });
        lines.timeline.start([&] { walk("b", 15ms); });
    });
    lines.timeline.run_until(world_begins + 1s);
    EXPECT_THAT(lines.log, ElementsAre("10 a1", "15 b1", "20 a2", "30 b2"));
    EXPECT_FALSE(lines.timeline.has_fibers());
}

TEST(Timeline, RemainingFibersFinish) {
    Lines lines;
    lines.timeline.at(world_begins, [&] {
        lines.timeline.start([&] {
            lines.timeline.wait(1h);
            lines.tell("done");
        });
    });
    lines.timeline.run_until(world_begins + 1s);
    EXPECT_TRUE(lines.timeline.has_fibers());
    lines.timeline.run_out();
    EXPECT_THAT(lines.log, ElementsAre("3600000 done"));
}

}  // namespace
}  // namespace nodenap::sim
