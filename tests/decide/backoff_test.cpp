#include "decide/backoff.hpp"

#include "decide/cluster.hpp"
#include "decide/joining.hpp"
#include "decide/observe.hpp"

namespace nodenap::test {
namespace {

Memory observed(const Cluster& c) {
    const bool known = c.snapshot.fleet.known();
    return observe(c.snapshot, known ? membership(c.snapshot, c.policy) : Membership{}, c.policy);
}

TEST(Offerings, BackoffStartsAtThreeMinutesAndDoublesToThirty) {
    const Offering offering{"workers", "t2.small", "us-east-1a", Capacity::on_demand};
    Memory memory;
    auto now = start;
    for (const auto rest : {3min, 6min, 12min, 24min, 30min, 30min}) {
        back_off(memory, offering, now, "InsufficientInstanceCapacity", false);
        ASSERT_EQ(memory.unavailable_offerings.size(), 1u);
        EXPECT_EQ(memory.unavailable_offerings[0].until, now + rest);
        EXPECT_TRUE(is_in_backoff(memory, offering, now + rest - 1ms));
        EXPECT_FALSE(is_in_backoff(memory, offering, now + rest));
        now += rest;
    }
}

TEST(Offerings, RefusalsOfOneBatchCountOnce) {
    const Offering offering{"workers", "t2.small", "us-east-1a", Capacity::on_demand};
    Memory memory;
    for (int i = 0; i < 5; ++i) back_off(memory, offering, start, "no capacity", false);
    EXPECT_EQ(memory.unavailable_offerings[0].until, start + 3min);
    EXPECT_EQ(memory.unavailable_offerings[0].failures, 1);
}

TEST(Offerings, UnregisteredInstanceCausesOneBackoff) {
    Cluster c;
    const auto& offering = c.booting("i-1", 1h).instance("i-1").offering;
    note_registration_failure(c.memory(), "i-1", offering, start);
    note_registration_failure(c.memory(), "i-1", offering, start + 3min);
    ASSERT_EQ(c.memory().unavailable_offerings.size(), 1u);
    EXPECT_EQ(c.memory().unavailable_offerings[0].until, start + 3min);
}

TEST(Refusals, LastHalfAnHour) {
    Cluster c;
    EXPECT_EQ(refused_for(c.memory(), "i-1", start), std::nullopt);
    c.ready("i-1");
    EXPECT_EQ(refused_for(c.memory(), "i-1", start), std::nullopt);
    note_refused_removal(c.memory(), "i-1", start);
    EXPECT_EQ(refused_for(c.memory(), "i-1", start + 29min), 1min);
    EXPECT_EQ(refused_for(c.memory(), "i-1", start + 30min), std::nullopt);
}

TEST(Offerings, UnavailableInItsZoneIsInBackoffForADay) {
    const Offering offering{"workers", "t2.small", "us-east-1a", Capacity::on_demand};
    auto other_zone = offering;
    other_zone.zone = "us-east-1b";
    auto spot = offering;
    spot.capacity = Capacity::spot;
    Memory memory;
    back_off(memory, offering, start, "no capacity", false);
    back_off(memory, offering, start, "Unsupported", true);
    EXPECT_EQ(memory.unavailable_offerings[0].until, start + 24h);
    EXPECT_EQ(memory.unavailable_offerings[0].cause, "Unsupported");
    EXPECT_FALSE(is_in_backoff(memory, other_zone, start));
    EXPECT_FALSE(is_in_backoff(memory, spot, start));
}

TEST(Offerings, BackoffIsForgottenHalfAnHourAfterItsEnd) {
    Cluster c;
    c.unavailable("t2.small", "us-east-1a", -30min).unavailable("t2.small", "us-east-1b", -31min);
    const auto memory = observed(c);
    ASSERT_EQ(memory.unavailable_offerings.size(), 1u);
    EXPECT_EQ(memory.unavailable_offerings[0].offering.zone, "us-east-1a");
}

}  // namespace
}  // namespace nodenap::test
