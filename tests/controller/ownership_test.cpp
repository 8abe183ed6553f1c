#include "controller/ownership.hpp"

#include "cluster_fixture.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

struct Row {
    const char* name;
    std::function<void(Instance&, State&)> given;
    bool foreign;
};

TEST(Ownership, TagsAloneDoNotMakeAWorker) {
    const Row rows[] = {
        {"launched from the configured template",
         [](Instance& i, State&) { i.launch_template = "lt-0abc"; }, false},
        {"tagged by hand", [](Instance&, State&) {}, true},
        {"tagged by hand, with an intent's name",
         [](Instance& i, State&) { i.operation = "gen-1-0"; }, true},
        {"tagged by hand, and the state has an intent without a name",
         [](Instance&, State& s) { s.launched.emplace_back(); }, true},
        {"launched from somebody's template",
         [](Instance& i, State&) { i.launch_template = "lt-of-somebody"; }, true},
        {"launched from a template that this cluster has used",
         [](Instance& i, State& s) {
             i.launch_template = "lt-before";
             s.memory.templates["lt-before"] = fake_start;
         },
         false},
        {"asked for a moment ago, from a template that was replaced since",
         [](Instance& i, State& s) {
             i.operation = "gen-1-0";
             i.launch_template = "lt-before";
             s.open_operations.push_back({.id = "gen-1-0", .launch_template = "lt-before"});
         },
         false},
        {"tagged by hand with the name of an open intent, and of no template",
         [](Instance& i, State& s) {
             i.operation = "gen-1-0";
             s.open_operations.push_back({.id = "gen-1-0", .launch_template = "lt-0abc"});
         },
         true},
        {"tagged by hand with the name of an open intent that has no template, as it has none",
         [](Instance& i, State& s) {
             i.operation = "gen-1-0";
             s.open_operations.push_back({.id = "gen-1-0"});
         },
         true},
        {"tagged by hand with the name of an open intent, and of somebody's template",
         [](Instance& i, State& s) {
             i.operation = "gen-1-0";
             i.launch_template = "lt-of-somebody";
             s.open_operations.push_back({.id = "gen-1-0", .launch_template = "lt-0abc"});
         },
         true},
        {"tagged by hand with the name of an answered launch, and of somebody's template",
         [](Instance& i, State& s) {
             i.operation = "gen-1-0";
             i.launch_template = "lt-of-somebody";
             s.launched.push_back({.id = "gen-1-0", .launch_template = "lt-0abc"});
         },
         true},
        {"tagged with the name of an open intent, and older",
         [](Instance& i, State& s) {
             i.operation = "gen-1-0";
             i.launch_template = "lt-before";
             i.launched_at = fake_start - 1h;
             s.open_operations.push_back(
                 {.id = "gen-1-0", .since = fake_start, .launch_template = "lt-before"});
         },
         true},
        {"answered, and not listed before",
         [](Instance& i, State& s) {
             i.operation = "gen-1-0";
             i.launch_template = "lt-before";
             s.launched.push_back({.id = "gen-1-0", .launch_template = "lt-before"});
         },
         false},
        {"named by an open removal, which anybody's may be",
         [](Instance& i, State& s) {
             i.operation = "gen-1-0";
             s.open_operations.push_back(
                 {.id = "gen-1-0", .kind = OperationKind::remove, .instance_id = "i-1"});
         },
         true},
        {"remembered by a version that knew no templates, which were replaced since",
         [](Instance& i, State& s) {
             i.launch_template = "lt-before";
             s.memory.instances["i-1"];
         },
         false},
        {"remembered by such a version, and of no template",
         [](Instance&, State& s) { s.memory.instances["i-1"]; }, true},
        {"remembered, and the templates are known",
         [](Instance& i, State& s) {
             i.launch_template = "lt-of-somebody";
             s.memory.instances["i-1"];
             s.memory.templates["lt-0abc"] = fake_start;
         },
         true},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        std::vector<Instance> fleet(1);
        fleet.front().id = "i-1";
        fleet.front().launched_at = fake_start;
        State state;
        row.given(fleet.front(), state);
        mark_foreign(fleet, state, small_settings().policy);
        EXPECT_EQ(fleet.front().foreign, row.foreign);
    }
}

TEST(Ownership, TemplatesAreRememberedForAMonthAfterTheirLastWorker) {
    Memory memory;
    const auto policy = small_settings().policy;
    std::vector<Instance> fleet(2);
    fleet[0].launch_template = "lt-before";
    fleet[1].launch_template = "lt-of-somebody";
    fleet[1].foreign = true;
    remember_templates(memory, fleet, policy, fake_start);
    const std::map<std::string, Time> both{{"lt-0abc", fake_start}, {"lt-before", fake_start}};
    EXPECT_EQ(memory.templates, both);
    remember_templates(memory, {}, policy, fake_start + 30 * 24h);
    EXPECT_EQ(memory.templates.count("lt-before"), 1U);
    remember_templates(memory, {}, policy, fake_start + 30 * 24h + 1ms);
    EXPECT_EQ(memory.templates.count("lt-before"), 0U);
    EXPECT_EQ(memory.templates.count("lt-0abc"), 1U);
}

TEST(Ownership, OldestOfManyTemplatesIsForgotten) {
    Memory memory;
    for (int i = 0; i < 40; ++i) memory.templates["lt-" + std::to_string(i)] = fake_start + i * 1s;
    remember_templates(memory, {}, small_settings().policy, fake_start + 1h);
    EXPECT_EQ(memory.templates.size(), 32U);
    EXPECT_EQ(memory.templates.count("lt-8"), 0U);
    EXPECT_EQ(memory.templates.count("lt-9"), 1U);
    EXPECT_EQ(memory.templates.count("lt-0abc"), 1U);
}

class OwnershipTest : public ClusterTest {};

/// It ran long before it was tagged: it never registers, and was once terminated as unregistered.
TEST_F(OwnershipTest, ManuallyTaggedInstanceIsReportedCountedAndNeverTerminated) {
    cluster.settings.policy.limits.max_nodes = 3;
    cluster.add_registered(2);
    const auto id = cluster.add_instance(24h);
    cluster.fleet.find(id)->launch_template.clear();
    cluster.not_joined.insert(id);
    cluster.pending = large_pods(9);
    for (int i = 0; i < 20; ++i) {
        const auto& kept = pass().record.plan.kept;
        ASSERT_FALSE(kept.empty());
        EXPECT_EQ(kept.back().node, id);
        cluster.clock.advance(2min);
    }
    EXPECT_TRUE(cluster.fleet.terminations.empty());
    EXPECT_TRUE(cluster.fleet.launches.empty()) << "it counts for the maximum";
    EXPECT_FALSE(cluster.state().memory.instances.contains(id));
    ASSERT_TRUE(cluster.log.has("foreign_instance"));
}

/// An attacker reads the operation's id in the tags of its instance, before the next pass lists
/// both.
TEST_F(OwnershipTest, CopiedOperationTagDoesNotAddATemplate) {
    cluster.pending = large_pods(1);
    pass();
    ASSERT_FALSE(cluster.fleet.launches.empty());
    const auto copied = cluster.fleet.launches.front().id;
    const auto bait = cluster.add_instance(0h);
    const auto old = cluster.add_instance(30 * 24h);
    cluster.fleet.find(bait)->operation = copied;
    for (const auto& id : {bait, old}) {
        cluster.fleet.find(id)->launch_template = "lt-of-the-company";
        cluster.not_joined.insert(id);
    }
    cluster.pending.clear();
    for (int i = 0; i < 20; ++i) {
        pass();
        cluster.clock.advance(2min);
    }
    EXPECT_EQ(cluster.state().memory.templates.count("lt-of-the-company"), 0U);
    for (const auto& id : {bait, old})
        EXPECT_EQ(std::ranges::count(cluster.fleet.terminations, id), 0) << id;
}

TEST_F(OwnershipTest, WorkersOfAReplacedTemplateRemainWorkers) {
    cluster.add_registered(4);
    cluster.idle_for_long();
    cluster.settings.policy.pools.front().launch_template = "lt-new";
    pass();
    EXPECT_EQ(cluster.fleet.terminations.size(), 2U) << "as empty workers above the minimum";
    EXPECT_FALSE(cluster.log.has("foreign_instance"));
}

TEST_F(OwnershipTest, WorkerOfAReplacedTemplateIsKnownToTheFirstPassOfANewVersion) {
    cluster.add_registered(4);
    cluster.idle_for_long();
    auto memory = cluster.state().memory;
    memory.templates.clear();  // as written by the previous version
    cluster.store.items[{"prod", "state"}]["memory"] = {cluster.codec.memory_text(memory)};
    cluster.settings.policy.pools.front().launch_template = "lt-new";
    pass();
    EXPECT_EQ(cluster.fleet.terminations.size(), 2U);
    EXPECT_EQ(cluster.state().memory.templates.count("lt-0abc"), 1U);
}

TEST_F(OwnershipTest, PlanWithoutALeaseHasTheSameOwnership) {
    cluster.add_registered(2);
    cluster.fleet.instances.front().launch_template = "lt-of-somebody";
    const auto plan = preview(cluster.ports, cluster.settings);
    ASSERT_TRUE(plan);
    ASSERT_FALSE(plan->kept.empty());
    EXPECT_EQ(plan->kept.back().node, cluster.fleet.instances.front().id);
}

}  // namespace
}  // namespace nodenap::test
