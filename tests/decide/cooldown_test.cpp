#include "decide/cooldown.hpp"

#include "decide/cluster.hpp"
#include "decide/joining.hpp"
#include "decide/observe.hpp"

namespace nodenap::test {
namespace {

TEST(Cooldown, DoublesForEachPrematureRemovalUpToAnHour) {
    Policy policy;
    Memory memory;
    EXPECT_EQ(cooldown_length(memory, policy), 5min);
    auto now = start;
    for (const auto length : {10min, 20min, 40min, 60min, 60min}) {
        note_removal(memory, now);
        note_shortage(memory, now + 10min);
        note_shortage(memory, now + 10min);  // the same removal: once
        EXPECT_EQ(cooldown_length(memory, policy), length);
        now += 2h;
    }
    note_removal(memory, now);
    EXPECT_EQ(cooldown_length(memory, policy), 60min);  // the last one was premature
    note_removal(memory, now + 1h);
    EXPECT_EQ(cooldown_length(memory, policy), 5min);  // the last one was not premature
}

TEST(Cooldown, IsNotDoubledByLaterShortages) {
    Policy policy;
    Memory memory;
    note_shortage(memory, start);
    EXPECT_EQ(cooldown_length(memory, policy), 5min);  // nothing was removed
    note_removal(memory, start);
    note_shortage(memory, start + 10min + 1ms);
    EXPECT_EQ(cooldown_length(memory, policy), 5min);
}

TEST(Cooldown, LongerThanAnHourStaysAsConfigured) {
    Policy policy;
    policy.scale_down.cooldown = 2h;
    Memory memory;
    memory.cooldown_doublings = 3;
    EXPECT_EQ(cooldown_length(memory, policy), 2h);
    policy.scale_down.cooldown = 0min;
    EXPECT_EQ(cooldown_length(memory, policy), 0min);
}

}  // namespace
}  // namespace nodenap::test
