#include "app/cli/output.hpp"

#include "app_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

Plan big_plan() {
    Plan plan;
    plan.now = test::fake_start;
    plan.cluster = "prod";
    plan.decision = DecisionKind::scale_up;
    plan.reasons = {{ReasonCode::pending_pods, "3 unschedulable pods on the nodes there are."}};
    plan.signals.cpu_percent = 81.23;
    plan.signals.cores = 4;
    plan.signals.memory_percent = 40;
    plan.signals.pending_pods = 3;
    plan.signals.nodes_ready = 3;
    plan.signals.nodes_booting = 1;
    plan.signals.nodes_other = 1;
    plan.launch = {{{"workers", "t3.small", "us-east-1a", Capacity::on_demand},
                    2,
                    0.0268,
                    {{"default/nginx-1"}, {"default/nginx-9"}}}};
    plan.placed = {{"i-0def", {"default/web-7", "default/web-8"}}};
    plan.unplaceable = {{"default/huge", "no type of any pool has 64 cores"}};
    plan.kept = {{"i-0abc", "pod default/db-0 would have nowhere to go"}};
    plan.totals = {2, 2, 0.0536};
    return plan;
}

TEST(PlanText, SaysWhatWasSeenWhatWillBeDoneAndWhy) {
    EXPECT_EQ(plan_text(big_plan(), PlanTense::next, {}), R"(Cluster prod at 2026-11-23 20:00:00 UTC

Decision: scale_up (add nodes)
  3 unschedulable pods on the nodes there are. [pending_pods]

Observed
  SIGNAL   VALUE
  CPU      81.2% of 4 cores
  memory   40%
  pending  3 unschedulable pods
  nodes    3 ready, 1 booting (managed), 1 other

Would launch
  POOL     TYPE      ZONE        CAPACITY   COUNT  $/HOUR EACH  PODS
  workers  t3.small  us-east-1a  on-demand  2      $0.0268      2

2 new nodes for 2 pods: $0.0536/h ($39.13/month)

Pods that fit on nodes already launched
  NODE    PODS
  i-0def  default/web-7 default/web-8

Unplaceable pods
  POD           WHY
  default/huge  no type of any pool has 64 cores

Nodes kept, and why
  NODE    WHY
  i-0abc  pod default/db-0 would have nowhere to go
)");
}

TEST(PlanText, SaysOfEachUnknownWhy) {
    Plan plan;
    plan.now = test::fake_start;
    plan.cluster = "prod";
    plan.reasons = {{ReasonCode::fleet_unknown, "EC2 does not answer."}};
    plan.signals.unknown = {{"cpu", "no targets"}, {"nodes", "timeout"}, {"fleet", "denied"}};
    EXPECT_EQ(plan_text(plan, PlanTense::withheld, {}), R"(Cluster prod at 2026-11-23 20:00:00 UTC

Decision: hold (no change)
  EC2 does not answer. [fleet_unknown]

Observed
  SIGNAL   VALUE
  CPU      unknown: no targets
  pending  not read
  nodes    unknown: timeout
  EC2      unknown: denied
)");
}

TEST(PlanText, SaysWouldWhereNothingMayBeDone) {
    Plan plan = big_plan();
    plan.launch.clear();
    plan.remove = {{"", "i-0abc", RemovalCause::not_joined},
                   {"n", "i-0def", RemovalCause::underused}};
    EXPECT_THAT(plan_text(plan, PlanTense::withheld, {}), testing::HasSubstr(R"(
Would remove (but not while paused or in this mode)
  INSTANCE  NODE     WHY
  i-0abc    no Node  not_joined
  i-0def    n        underused
)"));
}

TEST(PlanText, WrapsLongReasonsToATerminal) {
    Plan plan;
    plan.cluster = "prod";
    plan.reasons = {{ReasonCode::cooldown,
                     "The last removal was three minutes ago, and the "
                     "cooldown is five minutes."}};
    EXPECT_THAT(plan_text(plan, PlanTense::next, {.color = false, .width = 40}),
                testing::HasSubstr("  The last removal was three minutes\n"
                                   "  ago, and the cooldown is five minutes.\n"
                                   "  [cooldown]\n"));
}

TEST(PlanText, IsColouredOnlyWhereAsked) {
    EXPECT_THAT(plan_text(big_plan(), PlanTense::next, {.color = true}),
                testing::HasSubstr("Decision: \033[32mscale_up\033[0m (add nodes)"));
    EXPECT_THAT(plan_text(big_plan(), PlanTense::next, {}),
                testing::Not(testing::HasSubstr("\033")));
}

TEST(PlanText, NoNameCanSteerTheTerminal) {
    Plan plan = big_plan();
    plan.cluster = "a\033[2Jb";
    plan.reasons[0].text = "c\nd\re\x7F";
    plan.unplaceable = {{"\033]0;title\007", "x\xC2\x9By"}};
    const std::string text = plan_text(plan, PlanTense::next, {});
    EXPECT_THAT(text, testing::Not(testing::ContainsRegex("[\033\007\r\x7F]")));
    EXPECT_THAT(text, testing::HasSubstr("a [2Jb"));
    EXPECT_THAT(text, testing::HasSubstr("c d e  [pending_pods]"));
    EXPECT_THAT(text, testing::HasSubstr("x y"));
}

Record done_record() {
    Record record;
    record.plan = big_plan();
    record.epoch = 7;
    record.trigger = "scheduled";
    record.done = {{"launch", "i-0123", "launched"},
                   {"launch", "i-0124", "launched"},
                   {"launch", "n-9", "refused", "InsufficientInstanceCapacity"}};
    return record;
}

TEST(RecordText, EndsWithWhatWasDone) {
    const std::string text = record_text(done_record(), {});
    EXPECT_THAT(text, testing::HasSubstr("\nLaunched\n"));
    EXPECT_THAT(text, testing::EndsWith(R"(
Done
  EFFECT  ID      RESULT    ERROR
  launch  i-0123  launched
  launch  i-0124  launched
  launch  n-9     refused   InsufficientInstanceCapacity
)"));
}

TEST(RecordText, OfAPassThatOnlyObservedSaysWould) {
    Record record = done_record();
    record.done.clear();
    record.plan.reasons = {{ReasonCode::observing, "Only observing."}};
    EXPECT_THAT(record_text(record, {}),
                testing::HasSubstr("\nWould launch (but not while paused or in this mode)\n"));
}

TEST(RecordLine, SaysBelowWhatFailed) {
    EXPECT_EQ(record_line(done_record(), {}),
              "2026-11-23 20:00:00  scale_up: 2 × t3.small in us-east-1a — 3 unschedulable pods "
              "on the nodes there are.  CPU 81.2%, memory 40%, 3 pending, 3 ready, 1 booting\n"
              "  launch n-9 refused: InsufficientInstanceCapacity\n");
}

TEST(HistoryText, HasOneRowForEachRecord) {
    Record failed;
    failed.plan.now = test::fake_start;
    failed.plan.reasons = {{ReasonCode::pending_pods, "Few."}};
    failed.done = {{"launch", "i-3", "launched", std::nullopt, "t2.small"},
                   {"launch", "i-4", "launched", std::nullopt, "t2.small"},
                   {"launch", "n-8", "refused", "full", "t2.small"},
                   {"launch", "n-9", "refused", "full", "t2.small"}};
    Record quiet;
    quiet.plan.now = test::fake_start - std::chrono::minutes(2);
    quiet.plan.reasons = {{ReasonCode::metrics_unknown, "No."}};
    quiet.plan.signals.unknown = {{"cpu", "x"}, {"nodes", "x"}};
    Record removed;
    removed.plan.now = test::fake_start - std::chrono::minutes(4);
    removed.plan.decision = DecisionKind::scale_down;
    removed.plan.signals.nodes_notready = 1;
    removed.plan.reasons = {{ReasonCode::underused, ""}};
    removed.done = {{"adopt", "i-1", "found in EC2 by its intent tag"},
                    {"terminate", "i-2", "underused", std::nullopt, "t2.small"}};
    const auto policy = test::calm_settings().policy;
    EXPECT_EQ(history_text({failed, quiet, removed}, policy, {}),
              "TIME (UTC)           SAW                   "
              "DID                                                                           WHY\n"
              "2026-11-23 20:00:00  0 ready               "
              "launched i-3, i-4 (t2.small, $0.0290/h each); launch refused: full (2 times)  Few.\n"
              "2026-11-23 19:58:00  unknown: CPU, nodes   "
              "nothing                                                                       No.\n"
              "2026-11-23 19:56:00  0 ready, 1 not ready  "
              "took over i-1; terminated i-2 (t2.small, $0.0290/h)                           "
              "underused\n");
}

TEST(HistoryText, WrapsAndColoursOnATerminal) {
    Record record;
    record.plan.now = test::fake_start;
    record.plan.decision = DecisionKind::scale_up;
    record.plan.reasons = {{ReasonCode::pending_pods, "3 unschedulable pods"}};
    for (const char* id : {"i-3", "i-4", "i-5"}) {
        record.done.push_back({"launch", id, "launched", std::nullopt, "t2.small"});
    }
    EXPECT_EQ(history_text({record}, test::calm_settings().policy, {.color = true, .width = 79}),
              "\033[1mTIME (UTC)           SAW      DID                      WHY\033[0m\n"
              "\033[2m2026-11-23 20:00:00\033[0m  0 ready  \033[32mlaunched i-3, i-4, i-5\033[0m   "
              "3 unschedulable pods\n"
              "                              \033[32m(t2.small, $0.0290/h\033[0m\n"
              "                              \033[32meach)\033[0m\n");
}

TEST(DidInShort, CountsAndNeverShowsARange) {
    Record record;
    for (const char* id : {"i-3", "i-4", "i-5"}) {
        record.done.push_back({"launch", id, "launched", std::nullopt, "t2.small"});
    }
    record.done.push_back({"launch", "n-9", "refused", "full", "t2.small"});
    record.done.push_back({"terminate", "i-2", "underused", std::nullopt, "t9.odd"});
    EXPECT_EQ(did_in_short(record, test::calm_settings().policy),
              "launched 3 (t2.small, $0.0290/h each); terminated i-2 (t9.odd); launch refused");
    EXPECT_EQ(did_in_short({}, test::calm_settings().policy), "");
}

TEST(StatusText, ShowsTheStateAndWhatIsUnderWay) {
    StatusReport status;
    status.now = test::fake_start;
    status.state.epoch = 12;
    status.state.lease_owner = "abc";
    status.state.lease_until = test::fake_start + std::chrono::seconds(30);
    status.state.paused_until = test::fake_start + std::chrono::hours(1);
    status.state.last_pass_at = test::fake_start - std::chrono::seconds(5);
    Operation operation;
    operation.id = "n-1";
    operation.since = test::fake_start;
    operation.offering = {"workers", "t2.small", "us-east-1a", Capacity::on_demand};
    status.state.open_operations = {operation};
    status.state.memory.unavailable_offerings = {
        {operation.offering, test::fake_start + std::chrono::minutes(3), 1, "no capacity"},
        {operation.offering, test::fake_start - std::chrono::minutes(3), 1, "over"}};
    status.last = done_record();
    status.last->plan.reasons[0].text = "3 pods wait.";
    EXPECT_EQ(status_text(status, test::calm_settings(), {}), R"(STATUS         prod
mode           act
paused         until 2026-11-23 21:00:00 UTC
lease          held by abc until 2026-11-23 20:00:30 UTC
epoch          12
last pass      2026-11-23 19:59:55 UTC
last action    never
last decision  scale_up: 2 × t3.small in us-east-1a — 3 pods wait.

In-flight operations
  KIND    POOL     TYPE      ZONE        SINCE (UTC)          ID
  launch  workers  t2.small  us-east-1a  2026-11-23 20:00:00  n-1

Offerings in backoff
  POOL     TYPE      ZONE        CAPACITY   UNTIL (UTC)          CAUSE
  workers  t2.small  us-east-1a  on-demand  2026-11-23 20:03:00  no capacity

Unplaceable pods
  POD           WHY
  default/huge  no type of any pool has 64 cores
)");
}

TEST(StatusText, OfAClusterNeverSeen) {
    EXPECT_EQ(status_text({}, test::calm_settings(), {}), R"(STATUS         prod
mode           act
paused         no
lease          free
epoch          0
last pass      never
last action    never
last decision  none yet
)");
}

}  // namespace
}  // namespace nodenap
