#include "decide/offerings.hpp"

#include "decide/cluster.hpp"

namespace nodenap::test {
namespace {

TEST(ZoneCounts, AreOfRunningInstances) {
    Cluster c;
    c.ready(5).booting("i-6");  // zones a, b, a, b, a, b
    c.instance("i-1").terminating = true;
    c.instance("i-2").state = InstanceState::terminated;
    const auto zones = zone_counts(membership(c.snapshot, c.policy));
    EXPECT_EQ(zones, (ZoneCounts{{"us-east-1a", 2}, {"us-east-1b", 2}}));
}

TEST(FirstOffer, HasALargeEnoughType) {
    Cluster c;
    c.pool().instance_types = {"t2.small", "t3.small", "c5.large"};
    const Market market{c.policy, c.memory(), start};
    const auto type = [&](const Resources& at_least) {
        const auto offering = first_offering(market, c.pool(), {}, at_least);
        return offering ? offering->instance_type : "none";
    };
    EXPECT_EQ(type({}), "t2.small");
    EXPECT_EQ(type(resources(900, 1748)), "t2.small");
    EXPECT_EQ(type(resources(901, 1748)), "t3.small");
    EXPECT_EQ(type(resources(900, 1749)), "c5.large");
    EXPECT_EQ(type(resources(3900, 1)), "none");
}

TEST(OfferOf, PrefersTheZoneWithFewestWorkersThenTheFirst) {
    Cluster c;
    const Market market{c.policy, c.memory(), start};
    const auto& t2 = *find_type(c.policy, "t2.small");
    EXPECT_EQ(offering_of(market, c.pool(), t2, {})->zone, "us-east-1a");
    EXPECT_EQ(offering_of(market, c.pool(), t2, {{"us-east-1a", 1}})->zone, "us-east-1b");
    EXPECT_EQ(offering_of(market, c.pool(), t2, {{"us-east-1a", 1}, {"us-east-1b", 1}})->zone,
              "us-east-1a");
    c.unavailable("t2.small", "us-east-1b");
    EXPECT_EQ(offering_of(market, c.pool(), t2, {{"us-east-1a", 9}})->zone, "us-east-1a");
    c.unavailable("t2.small", "us-east-1a");
    EXPECT_FALSE(offering_of(market, c.pool(), t2, {}));
}

}  // namespace
}  // namespace nodenap::test
