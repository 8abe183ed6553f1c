#include "decide/explain.hpp"

#include "decide/cluster.hpp"

namespace nodenap::test {
namespace {

TEST(Words, AreStableAndRoundTrip) {
    // The order of the enumerators, from the first that acts to the last that holds.
    const std::vector<std::string> codes{
        "below_minimum",     "pending_pods",   "high_cpu",           "high_memory",
        "custom_rule",       "underused",      "above_maximum",      "not_joined",
        "not_ready",         "paused",         "observing",          "lease_held",
        "state_unavailable", "state_newer",    "fleet_unknown",      "metrics_unknown",
        "cooldown",          "booting",        "unneeded_too_short", "would_fire_again",
        "requests_too_high", "burst_baseline", "not_drainable",      "at_minimum",
        "at_maximum",        "price_limit",    "launch_limit",       "no_capacity",
        "spot_unavailable",  "unplaceable",    "not_ours",           "nothing_to_do"};
    for (std::size_t i = 0; i < codes.size(); ++i) {
        EXPECT_EQ(word(static_cast<ReasonCode>(i)), codes[i]);
        EXPECT_EQ(reason_code(codes[i]), static_cast<ReasonCode>(i));
    }
    EXPECT_EQ(codes.size(), static_cast<std::size_t>(ReasonCode::nothing_to_do) + 1);
    for (const auto* each : {"scale_up", "scale_down", "hold"}) {
        EXPECT_EQ(word(*decision_kind(each)), each);
    }
    for (const auto* each : {"on-demand", "spot"}) EXPECT_EQ(word(*capacity(each)), each);
    EXPECT_EQ(word(CapacityChoice::spot_then_on_demand), "spot-then-on-demand");
    EXPECT_EQ(word(Mode::add_only), "add_only");
    EXPECT_FALSE(decision_kind("Hold"));
    EXPECT_FALSE(reason_code(""));
    EXPECT_FALSE(capacity("reserved"));
}

TEST(DurationText, IsWholeUnitsLargestFirst) {
    EXPECT_EQ(duration_text(0s), "0s");
    EXPECT_EQ(duration_text(250ms), "250ms");
    EXPECT_EQ(duration_text(1999ms), "1s");
    EXPECT_EQ(duration_text(90s), "1m30s");
    EXPECT_EQ(duration_text(2h + 30min), "2h30m");
    EXPECT_EQ(duration_text(25h), "25h");
    EXPECT_EQ(duration_text(-90s), "-1m30s");
    EXPECT_EQ(duration_text(-250ms), "-250ms");
}

TEST(NumberText, HasAtMostOneDecimal) {
    EXPECT_EQ(number_text(81.24), "81.2");
    EXPECT_EQ(number_text(30), "30");
    EXPECT_EQ(number_text(-0.55), "-0.6");
    EXPECT_EQ(number_text(-0.01), "0");
    EXPECT_EQ(price_text(0.0290), "0.029");
    EXPECT_EQ(price_text(1.00004), "1");
    EXPECT_EQ(price_text(12.5), "12.5");
}

TEST(Counted, UsesTheSingular) {
    EXPECT_EQ(counted(0, "pod"), "0 pods");
    EXPECT_EQ(counted(1, "pod"), "1 pod");
    EXPECT_EQ(counted(2, "pod"), "2 pods");
}

TEST(Headline, HasActionAndReason) {
    Plan plan;
    EXPECT_EQ(headline(plan), "hold");
    plan.reasons = {{ReasonCode::cooldown, "cooling down for 3m more"}};
    EXPECT_EQ(headline(plan), "hold — cooling down for 3m more");
    plan.decision = DecisionKind::scale_up;
    plan.launch = {{{"workers", "t2.small", "us-east-1a", Capacity::on_demand}, 2, 0.023, {}},
                   {{"workers", "t2.small", "us-east-1b", Capacity::on_demand}, 1, 0.023, {}}};
    plan.remove = {{"", "i-1", RemovalCause::not_joined}, {"", "i-2", RemovalCause::not_joined}};
    plan.reasons.clear();
    EXPECT_EQ(headline(plan),
              "scale_up: 2 × t2.small in us-east-1a, 1 × t2.small in us-east-1b, terminates "
              "unregistered i-1, i-2");
    plan.launch.clear();
    plan.decision = DecisionKind::scale_down;
    EXPECT_EQ(headline(plan), "scale_down: terminates unregistered i-1, i-2");
    plan.remove = {{"n", "i-1", RemovalCause::above_maximum},
                   {"", "i-2", RemovalCause::not_joined}};
    EXPECT_EQ(headline(plan), "scale_down: removes i-1, terminates unregistered i-2");
}

}  // namespace
}  // namespace nodenap::test
