#include "doctor/preflight.hpp"

#include "calm_cluster.hpp"
#include "controller/memory.hpp"
#include "doctor/preflight_fakes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace nodenap {
namespace {

using namespace std::chrono_literals;
using test::FakeCheckup;
using test::FakeWorld;
using test::ready_node;
using test::worker;
using testing::HasSubstr;
using testing::IsEmpty;

struct World : FakeWorld {
    World() {
        settings = test::calm_settings();
        settings.policy.pools[0].instance_types = {"t2.small", "t3.small"};
        settings.policy.catalogue.add({.name = "t3.small", .vcpu = 2});
        fleet.instances = {worker("i-0aaa")};
        metrics.signals.cpu = Use{50, {}};
        metrics.signals.memory = Use{40, {}};
        metrics.signals.pending = Pending{};
        metrics.signals.nodes = std::vector<Node>{ready_node("i-0aaa")};
        Change pass;
        pass.set = {{{"last_pass_at"}, {test::fake_start.time_since_epoch().count() - 60'000}},
                    {{"epoch"}, {std::int64_t{7}}}};
        EXPECT_TRUE(store.update(state_key("prod"), pass, {}));
        store.writes.clear();
    }

    Checks checks() {
        return check_everything({ports, preflight.ports, settings, options, "trial"});
    }

    Settings settings;
    FakeCheckup preflight;
    PreflightOptions options{2min, "/k3s/prod/agent-token"};
};

CheckResult find(const Checks& checks, const std::string& name) {
    const auto found = std::ranges::find(checks, name, &Check::name);
    if (found == checks.end()) return {CheckStatus::failed, "no check is called " + name};
    return found->finding;
}

std::vector<std::string> not_well(const Checks& checks) {
    std::vector<std::string> names;
    for (const Check& one : checks) {
        if (one.finding.status != CheckStatus::ok)
            names.push_back(one.name + ": " + one.finding.seen);
    }
    return names;
}

const Error lacking{ErrorKind::denied, "ec2 X: UnauthorizedOperation", "UnauthorizedOperation"};

TEST(Preflight, AllIsWellOnAGoodCluster) {
    World world;
    const Checks checks = world.checks();
    EXPECT_THAT(not_well(checks), IsEmpty());
    EXPECT_EQ(checks.size(), 27U);
}

/// As on the day on which the stack came up: `--help` names doctor before the first pass.
TEST(Preflight, BeforeTheFirstPassNothingFails) {
    World world;
    world.store.items.clear();
    world.fleet.instances.clear();
    world.settings.policy.mode = Mode::observe;
    world.metrics.signals.nodes = std::vector<Node>{};
    const Checks checks = world.checks();
    for (const Check& one : checks) {
        EXPECT_NE(one.finding.status, CheckStatus::failed) << one.name << ": " << one.finding.seen;
        EXPECT_NE(one.finding.status, CheckStatus::warning) << one.name << ": " << one.finding.seen;
    }
    EXPECT_EQ(find(checks, "schedule").status, CheckStatus::not_yet);
    EXPECT_EQ(find(checks, "schedule").seen, "no pass recorded yet");
    EXPECT_EQ(find(checks, "mode").status, CheckStatus::ok);
}

TEST(Preflight, APoolThatMayBuySpotIsAskedForItsRole) {
    World world;
    world.preflight.spot_role = false;
    EXPECT_EQ(find(world.checks(), "pool workers: spot role").seen,
              "no check is called pool workers: spot role");
    world.settings.policy.pools[0].capacity = CapacityChoice::spot;
    EXPECT_EQ(find(world.checks(), "pool workers: spot role").status, CheckStatus::failed);
    world.settings.policy.pools[0].capacity = CapacityChoice::spot_then_on_demand;
    EXPECT_EQ(find(world.checks(), "pool workers: spot role").status, CheckStatus::warning);
    world.preflight.spot_role = lacking;
    const CheckResult finding = find(world.checks(), "pool workers: spot role");
    EXPECT_EQ(finding.status, CheckStatus::not_checked);
    EXPECT_THAT(finding.seen, HasSubstr("needs iam:GetRole"));
}

TEST(Preflight, AnInstanceThatWasTaggedByHandIsNamedAndNotRehearsedWith) {
    World world;
    world.fleet.instances[0].launch_template = "lt-of-somebody";
    const Checks checks = world.checks();
    EXPECT_EQ(find(checks, "instances").status, CheckStatus::warning);
    EXPECT_THAT(find(checks, "instances").seen, HasSubstr("launched them: i-0aaa"));
    EXPECT_EQ(find(checks, "termination").status, CheckStatus::not_checked);
}

TEST(Preflight, NothingIsChangedLaunchedOrTerminated) {
    World world;
    const auto items = world.store.items;
    world.checks();
    EXPECT_EQ(world.store.items, items);
    for (const auto& write : world.store.writes) EXPECT_TRUE(write.refused);
    EXPECT_THAT(world.fleet.launches, IsEmpty());
    EXPECT_THAT(world.fleet.terminations, IsEmpty());
}

TEST(Preflight, EveryTypeAndEverySubnetIsRehearsedWithItsOwnToken) {
    World world;
    world.settings.policy.pools[0].capacity = CapacityChoice::spot_then_on_demand;
    world.checks();
    std::vector<std::string> seen;
    std::vector<std::string> tokens;
    for (const Operation& one : world.preflight.launches) {
        seen.push_back(one.offering.instance_type + " " + one.subnet +
                       (one.offering.capacity == Capacity::spot ? " spot" : ""));
        tokens.push_back(one.id);
        EXPECT_EQ(one.launch_template_version, "3");
    }
    EXPECT_THAT(seen, testing::ElementsAre("t2.small subnet-a spot", "t3.small subnet-a spot",
                                           "t2.small subnet-b spot", "t2.small subnet-a",
                                           "t3.small subnet-a", "t2.small subnet-b"));
    std::ranges::sort(tokens);
    EXPECT_EQ(std::ranges::adjacent_find(tokens), tokens.end());
    EXPECT_THAT(world.preflight.terminations, testing::ElementsAre("i-0aaa"));
}

/// What is broken, and which check then says what.
struct Row {
    const char* name;
    std::function<void(World&)> broken;
    const char* check;
    CheckStatus wanted;
    const char* says;
};

const Row rows[] = {
    {"the function's right to launch", [](World& w) { w.preflight.launch = lacking; },
     "pool workers: launch", CheckStatus::failed, "ec2:RunInstances"},
    {"its right to terminate", [](World& w) { w.preflight.termination = lacking; }, "termination",
     CheckStatus::failed, "ec2:TerminateInstances"},
    {"its right to list", [](World& w) { w.fleet.list_error = lacking; }, "instances",
     CheckStatus::failed, "ec2:DescribeInstances"},
    {"what rests on the list", [](World& w) { w.fleet.list_error = lacking; }, "termination",
     CheckStatus::not_checked, "depends on the list"},
    {"no instance to rehearse with", [](World& w) { w.fleet.instances.clear(); }, "termination",
     CheckStatus::not_checked, "no managed instance"},
    {"no capacity is no missing right",
     [](World& w) {
         w.preflight.launch = Error{ErrorKind::no_capacity, "VcpuLimitExceeded"};
     },
     "pool workers: launch", CheckStatus::warning, "VcpuLimitExceeded"},
    {"a reader's right", [](World& w) { w.preflight.subnets_seen = lacking; },
     "pool workers: subnet subnet-a", CheckStatus::not_checked, "needs ec2:DescribeSubnets"},
    {"another", [](World& w) { w.preflight.template_seen = lacking; },
     "pool workers: launch template", CheckStatus::not_checked,
     "needs ec2:DescribeLaunchTemplateVersions"},
    {"a third", [](World& w) { w.preflight.token_changed_at = lacking; }, "workers' token",
     CheckStatus::not_checked, "needs ssm:DescribeParameters"},
    {"the quota is another service's",
     [](World& w) {
         w.preflight.quota = Error{ErrorKind::unavailable, "no route"};
     },
     "quota: vCPUs on-demand", CheckStatus::not_checked, "no route"},
    {"the token's name", [](World& w) { w.options.token_parameter = ""; }, "workers' token",
     CheckStatus::not_checked, "--token-parameter"},
    {"the template", [](World& w) { w.preflight.template_seen = std::optional<TemplateSeen>{}; },
     "pool workers: launch template", CheckStatus::failed, "lt-0abc version 3"},
    {"a subnet", [](World& w) { w.preflight.subnets_seen = std::vector<SubnetSeen>{}; },
     "pool workers: subnet subnet-b", CheckStatus::failed, "no subnet subnet-b"},
    {"the table",
     [](World& w) {
         w.store.away = test::StoreFault{{ErrorKind::invalid, "the table does not exist"}};
     },
     "state: read", CheckStatus::failed, "does not exist"},
    {"and what rests on it", [](World& w) { w.store.away = test::StoreFault{}; }, "schedule",
     CheckStatus::not_checked, "depends on the state"},
    {"the journal", [](World& w) { w.store.away = test::StoreFault{}; }, "journal",
     CheckStatus::failed, "the store is away"},
    {"the schedule", [](World& w) { w.clock.wall += 7min; }, "schedule", CheckStatus::failed,
     "8m ago"},
    {"our clock", [](World& w) { w.clock.wall += 1min; }, "clock", CheckStatus::failed,
     "1m ahead of AWS's"},
    {"AWS's clock",
     [](World& w) {
         w.preflight.time = Error{ErrorKind::unavailable, "no name"};
     },
     "clock", CheckStatus::not_checked, "no name"},
    {"a pause",
     [](World& w) {
         Change pause;
         pause.set = {{{"paused_until"}, {test::fake_start.time_since_epoch().count() + 60'000}}};
         EXPECT_TRUE(w.store.update(state_key("prod"), pause, {}));
     },
     "mode", CheckStatus::warning, "nodenap resume"},
    {"observing", [](World& w) { w.settings.policy.mode = Mode::observe; }, "mode", CheckStatus::ok,
     "observe"},
    {"no pass recorded yet", [](World& w) { w.store.items.clear(); }, "schedule",
     CheckStatus::not_yet, "no pass recorded yet"},
    {"a type that is not sold there", [](World& w) { w.preflight.zones_of_all = {"us-east-1b"}; },
     "pool workers: instance types", CheckStatus::warning, "t2.small in us-east-1a"},
    {"the right to see what is sold", [](World& w) { w.preflight.sold = lacking; },
     "pool workers: instance types", CheckStatus::not_checked,
     "needs ec2:DescribeInstanceTypeOfferings"},
    {"a newer state",
     [](World& w) {
         Change newer;
         newer.set = {{{"format"}, {std::int64_t{state_format + 1}}}};
         EXPECT_TRUE(w.store.update(state_key("prod"), newer, {}));
     },
     "state: read", CheckStatus::failed, "newer Nodenap"},
    {"a signal", [](World& w) { w.metrics.signals.cpu = Unknown{"no cAdvisor"}; }, "signal: CPU",
     CheckStatus::failed, "no cAdvisor"},
    {"memory without a line", [](World& w) { w.metrics.signals.memory = Unknown{"none"}; },
     "signal: memory", CheckStatus::warning, "none"},
    {"memory with one",
     [](World& w) {
         w.metrics.signals.memory = Unknown{"none"};
         w.settings.policy.scale_up.memory_above_percent = 80;
     },
     "signal: memory", CheckStatus::failed, "none"},
    {"another cluster's Prometheus",
     [](World& w) { w.metrics.signals.nodes = std::vector<Node>{ready_node("i-0fff")}; },
     "Prometheus: cluster", CheckStatus::failed, "0 of 1 running instance"},
    {"Prometheus",
     [](World& w) {
         w.preflight.monitoring = Error{ErrorKind::unavailable, "refused"};
     },
     "Prometheus", CheckStatus::failed, "http://10.0.1.10:30090: refused"},
    {"and what rests on it",
     [](World& w) {
         w.preflight.monitoring = Error{ErrorKind::unavailable, "refused"};
     },
     "K3s versions", CheckStatus::not_checked, "depends on Prometheus"},
    {"Prometheus's clock",
     [](World& w) {
         w.preflight.monitoring = MonitoringSeen{test::fake_start - 1min, {{"a", 1, 0}}, {}, ""};
     },
     "Prometheus", CheckStatus::failed, "this machine's clock is 1m ahead of Prometheus's"},
    {"credentials",
     [](World& w) {
         w.preflight.credentials_seen = Error{ErrorKind::denied, "no AWS credentials"};
     },
     "credentials", CheckStatus::failed, "no AWS credentials"},
    {"and what rests on them",
     [](World& w) {
         w.preflight.credentials_seen = Error{ErrorKind::denied, "none"};
     },
     "pool workers: launch", CheckStatus::not_checked, "depends on the credentials"},
    {"the store too",
     [](World& w) {
         w.preflight.credentials_seen = Error{ErrorKind::denied, "none"};
     },
     "state: write", CheckStatus::not_checked, "depends on the credentials"},
};

TEST(Preflight, EachThingThatIsBrokenIsNamedAndHidesNoOther) {
    World good;
    const std::size_t all = good.checks().size();
    for (const Row& row : rows) {
        World world;
        row.broken(world);
        const Checks checks = world.checks();
        EXPECT_EQ(checks.size(), all) << row.name;
        const CheckResult finding = find(checks, row.check);
        EXPECT_EQ(word(finding.status), word(row.wanted)) << row.name << ": " << finding.seen;
        EXPECT_THAT(finding.seen + " | " + finding.advice, HasSubstr(row.says)) << row.name;
        EXPECT_FALSE(row.wanted == CheckStatus::failed && finding.advice.empty()) << row.name;
    }
}

TEST(Preflight, ASqliteStateNeedsNoCredentials) {
    World world;
    world.settings.state = {.dynamodb_table = "", .sqlite_path = "nodenap.db"};
    world.preflight.credentials_seen = Error{ErrorKind::denied, "none"};
    EXPECT_EQ(find(world.checks(), "state: write").status, CheckStatus::ok);
    EXPECT_EQ(find(world.checks(), "schedule").status, CheckStatus::ok);
}

TEST(Preflight, AnEffectThatFailedIsInTheJournal) {
    World world;
    Record record;
    record.plan.cluster = "prod";
    record.plan.now = test::fake_start - 1min;
    record.done = {{"launch", "i-1", "refused", "no capacity in us-east-1a"}};
    ASSERT_TRUE(append_record(world.store, world.codec, record));
    const CheckResult finding = find(world.checks(), "journal");
    EXPECT_EQ(finding.status, CheckStatus::warning);
    EXPECT_EQ(finding.seen, "launch refused: no capacity in us-east-1a");
}

}  // namespace
}  // namespace nodenap
