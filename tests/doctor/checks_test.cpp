#include "doctor/checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr Time now{std::chrono::seconds(1'795'464'000)};

struct ClockRow {
    Milliseconds ahead;
    CheckStatus wanted;
    const char* seen;
};

TEST(Preflight, AClockIsRightWithinSecondsAndWrongBeyondTheLeasesMargin) {
    const ClockRow rows[] = {{0ms, CheckStatus::ok, "agrees with AWS's"},
                             {-5s, CheckStatus::ok, "agrees"},
                             {6s, CheckStatus::warning, "6s ahead of AWS's"},
                             {-15s, CheckStatus::warning, "15s behind AWS's"},
                             {16s, CheckStatus::failed, "16s ahead of AWS's"},
                             {-2h, CheckStatus::failed, "2h behind AWS's"}};
    for (const auto& row : rows) {
        const CheckResult finding = judge_clock(row.ahead, "AWS");
        EXPECT_EQ(finding.status, row.wanted) << row.ahead.count();
        EXPECT_THAT(finding.seen, HasSubstr(row.seen));
        EXPECT_EQ(finding.advice.empty(), row.wanted == CheckStatus::ok);
    }
}

TEST(Preflight, AScheduleThatMissedThreeTicksHasStopped) {
    struct Row {
        std::optional<Milliseconds> age;
        CheckStatus wanted;
    };
    const Row rows[] = {{std::nullopt, CheckStatus::not_yet},
                        {-10s, CheckStatus::ok},
                        {0s, CheckStatus::ok},
                        {4min, CheckStatus::ok},
                        {4min + 1s, CheckStatus::warning},
                        {6min, CheckStatus::warning},
                        {6min + 1s, CheckStatus::failed},
                        {48h, CheckStatus::failed}};
    for (const auto& row : rows) {
        const auto last = row.age ? std::optional<Time>(now - *row.age) : std::nullopt;
        EXPECT_EQ(judge_last_pass(last, now, 2min).status, row.wanted)
            << (row.age ? row.age->count() : -1);
    }
    EXPECT_THAT(judge_last_pass(now - 48h, now, 2min).seen,
                HasSubstr("48h ago, with a tick every 2m"));
    EXPECT_EQ(judge_last_pass(now - 9min, now, 5min).status, CheckStatus::ok);
}

TEST(Preflight, ASubnetIsThereInItsZoneWithRoom) {
    const Subnet wanted{"subnet-a", "us-east-1a"};
    struct Row {
        std::optional<SubnetSeen> seen;
        CheckStatus wanted;
        const char* text;
    };
    const Row rows[] = {
        {std::nullopt, CheckStatus::failed, "no subnet subnet-a"},
        {SubnetSeen{"subnet-a", "us-east-1b", "available", 9}, CheckStatus::failed,
         "the subnet is in us-east-1b; the file says us-east-1a"},
        {SubnetSeen{"subnet-a", "us-east-1a", "pending", 9}, CheckStatus::failed, "pending"},
        {SubnetSeen{"subnet-a", "us-east-1a", "available", 0}, CheckStatus::failed,
         "0 free addresses"},
        {SubnetSeen{"subnet-a", "us-east-1a", "available", 1}, CheckStatus::warning,
         "1 free address for up to 5 nodes"},
        {SubnetSeen{"subnet-a", "us-east-1a", "available", 5}, CheckStatus::ok,
         "5 free addresses in us-east-1a"}};
    for (const auto& row : rows) {
        const CheckResult finding = judge_subnet(wanted, row.seen, 5);
        EXPECT_EQ(finding.status, row.wanted) << row.text;
        EXPECT_THAT(finding.seen, HasSubstr(row.text));
    }
}

TEST(Preflight, ATemplateNamesWhatALaunchNeedsAndNothingThatItBringsItself) {
    Pool pool;
    pool.launch_template = "lt-0abc";
    pool.launch_template_version = "3";
    const TemplateSeen good{"ami-1", "arn:profile", true, false};
    TemplateSeen imageless = good;
    imageless.image = "";
    TemplateSeen without_rights = good;
    without_rights.instance_profile = "";
    TemplateSeen wired = good;
    wired.own_network_interface = true;
    TemplateSeen open = good;
    open.imds_v2_only = false;
    TemplateSeen unlimited = good;
    unlimited.cpu_credits = "unlimited";
    struct Row {
        std::optional<TemplateSeen> seen;
        CheckStatus wanted;
        const char* text;
    };
    const Row rows[] = {{good, CheckStatus::ok, "lt-0abc version 3, image ami-1"},
                        {without_rights, CheckStatus::ok, "image ami-1, no instance profile"},
                        {std::nullopt, CheckStatus::failed, "EC2 has no lt-0abc version 3"},
                        {imageless, CheckStatus::failed, "names no image"},
                        {wired, CheckStatus::failed, "network interface"},
                        {unlimited, CheckStatus::ok, "image ami-1, unlimited CPU credits"},
                        {open, CheckStatus::warning, "first version of instance metadata"}};
    for (const auto& row : rows) {
        const CheckResult finding = judge_template(pool, row.seen);
        EXPECT_EQ(finding.status, row.wanted) << row.text;
        EXPECT_THAT(finding.seen, HasSubstr(row.text));
    }
}

TEST(Preflight, ATemplateThatChoosesNoCreditsIsToldWhereTheTypeIsUnlimitedThen) {
    const std::pair<const char*, CheckStatus> rows[] = {
        {"t2.small", CheckStatus::ok},       {"t3.small", CheckStatus::warning},
        {"t3a.small", CheckStatus::warning}, {"t4g.small", CheckStatus::warning},
        {"c5.large", CheckStatus::ok},       {"t3.nano", CheckStatus::warning}};
    for (const auto& [type, wanted] : rows) {
        Pool pool;
        pool.instance_types = {"c5.large", type};
        TemplateSeen seen{"ami-1", "arn:profile", true, false};
        EXPECT_EQ(judge_template(pool, seen).status, wanted) << type;
        seen.cpu_credits = "standard";
        EXPECT_EQ(judge_template(pool, seen).status, CheckStatus::ok) << type;
    }
}

TEST(Preflight, WorkersAreNeverNewerThanTheServer) {
    struct Row {
        std::string server;
        std::string worker;
        CheckStatus wanted;
    };
    const Row rows[] = {{"v1.34.4+k3s1", "v1.34.4+k3s1", CheckStatus::ok},
                        {"v1.34.4+k3s1", "v1.34.4+k3s2", CheckStatus::ok},
                        {"v1.34.4+k3s1", "v1.33.9+k3s1", CheckStatus::ok},
                        {"v1.34.4+k3s1", "v1.34.5+k3s1", CheckStatus::failed},
                        {"v1.34.4+k3s1", "v1.35.0+k3s1", CheckStatus::failed},
                        {"v1.34.4+k3s1", "v1.32.0+k3s1", CheckStatus::warning},
                        {"v1.34.4+k3s1", "v1.31.0+k3s1", CheckStatus::warning},
                        {"v1.34.4+k3s1", "v1.30.0+k3s1", CheckStatus::failed},
                        {"v1.9.0", "v1.10.0", CheckStatus::failed},
                        {"v2.0.0", "v1.34.0", CheckStatus::ok},
                        {"v1.34.4+k3s1", "unknown", CheckStatus::ok}};
    for (const auto& row : rows) {
        const CheckResult finding =
            judge_versions({{"server", row.server, true}, {"w", row.worker}}, "");
        EXPECT_EQ(finding.status, row.wanted) << row.server << " " << row.worker;
    }
    const CheckResult newer =
        judge_versions({{"server", "v1.34.4", true}, {"i-1", "v1.35.0+k3s1"}}, "");
    EXPECT_THAT(newer.seen, HasSubstr("newer than the server: i-1 (v1.35.0+k3s1); the server has"));
}

TEST(Preflight, TheOldestServerCountsElseTheApiServer) {
    const NodeVersion worker{"w", "v1.34.4"};
    EXPECT_EQ(judge_versions({{"a", "v1.34.4", true}, {"b", "v1.33.0", true}, worker}, "").status,
              CheckStatus::failed);
    EXPECT_EQ(judge_versions({{"a", "v1.33.0", true}, {"b", "v1.34.4", true}, worker}, "").status,
              CheckStatus::failed);
    EXPECT_EQ(judge_versions({{"a", "unknown", true}, worker}, "v1.33.1+k3s1").status,
              CheckStatus::failed);
    EXPECT_EQ(judge_versions({worker}, "v1.33.1+k3s1").status, CheckStatus::failed);
    EXPECT_EQ(judge_versions({worker}, "v1.35.1+k3s1").status, CheckStatus::ok);
    for (const char* version : {"", "v1", "v1.34", "x.1.2", "v1.x.2", "v1.3456789.1"}) {
        EXPECT_EQ(judge_versions({worker}, version).status, CheckStatus::not_checked) << version;
    }
}

TEST(Preflight, ManyWrongWorkersAreCountedAndThreeAreNamed) {
    std::vector<NodeVersion> nodes = {{"server", "v1.34.4", true}};
    for (const char* name : {"a", "b", "c", "d", "e"}) nodes.push_back({name, "v1.35.0"});
    const CheckResult finding = judge_versions(nodes, "");
    EXPECT_THAT(finding.seen, HasSubstr("c (v1.35.0) and 2 more"));
    EXPECT_THAT(finding.seen, Not(HasSubstr("d (")));
}

TEST(Preflight, ATokenIsThereAndNotOlderThanAYear) {
    EXPECT_EQ(judge_token("/k", std::nullopt, now).status, CheckStatus::failed);
    EXPECT_EQ(judge_token("/k", now - 365 * 24h, now).status, CheckStatus::ok);
    EXPECT_EQ(judge_token("/k", now - 366 * 24h, now).status, CheckStatus::warning);
    EXPECT_EQ(judge_token("/k", now - 36h, now).seen, "/k was written 1 day ago");
    EXPECT_EQ(judge_token("/k", now + 1h, now).seen, "/k was written 0 days ago");
}

Policy policy_of(std::vector<std::string> types, CapacityChoice capacity) {
    Policy policy;
    policy.limits.max_nodes = 10;
    Pool pool;
    pool.name = "workers";
    pool.instance_types = std::move(types);
    pool.capacity = capacity;
    pool.max_nodes = 4;
    policy.pools = {pool};
    policy.catalogue = {{.name = "t3.small", .vcpu = 2},
                        {.name = "m6i.xlarge", .vcpu = 4},
                        {.name = "inf2.xlarge", .vcpu = 4},
                        {.name = "g5.xlarge", .vcpu = 4}};
    return policy;
}

TEST(Preflight, TheQuotaIsComparedWithTheLargestTypeTimesTheMostNodes) {
    const auto both = policy_of({"t3.small", "m6i.xlarge"}, CapacityChoice::spot_then_on_demand);
    EXPECT_EQ(most_standard_vcpus(both, Capacity::on_demand), 16);
    EXPECT_EQ(most_standard_vcpus(both, Capacity::spot), 16);
    const auto spot = policy_of({"t3.small"}, CapacityChoice::spot);
    EXPECT_EQ(most_standard_vcpus(spot, Capacity::on_demand), 0);
    EXPECT_EQ(most_standard_vcpus(spot, Capacity::spot), 8);
    const auto other = policy_of({"inf2.xlarge", "g5.xlarge"}, CapacityChoice::on_demand);
    EXPECT_EQ(most_standard_vcpus(other, Capacity::on_demand), 0);
    Policy unknown = other;
    unknown.pools[0].instance_types = {"x9.unknown", "4x.large"};
    unknown.catalogue.add({"4x.large", 4, Mebibytes{8192}, "x86_64", std::nullopt, 0.1});
    EXPECT_EQ(most_standard_vcpus(unknown, Capacity::on_demand), 0);
    Policy few = both;
    few.limits.max_nodes = 3;
    EXPECT_EQ(most_standard_vcpus(few, Capacity::on_demand), 12);
    EXPECT_EQ(judge_quota(12, 12).status, CheckStatus::ok);
    EXPECT_EQ(judge_quota(11, 12).status, CheckStatus::warning);
}

Instance running(const std::string& id, Milliseconds age) {
    Instance instance;
    instance.id = id;
    instance.state = InstanceState::running;
    instance.launched_at = now - age;
    return instance;
}

Node node_of(const std::string& id) {
    Node node;
    node.name = id;
    node.instance_id = id;
    return node;
}

TEST(Preflight, PrometheusWatchesTheClusterOfOurInstances) {
    const std::vector<Instance> two = {running("i-1", 1h), running("i-2", 1h)};
    const std::vector<Node> both = {node_of("i-1"), node_of("i-2"), node_of("server")};
    EXPECT_EQ(judge_match(two, both, {}, now).status, CheckStatus::ok);
    EXPECT_EQ(judge_match(two, {node_of("i-1")}, {}, now).status, CheckStatus::warning);
    EXPECT_EQ(judge_match(two, {node_of("i-9")}, {}, now).status, CheckStatus::failed);
    EXPECT_EQ(judge_match({running("i-1", 1min)}, both, {}, now).status, CheckStatus::not_checked);
    Instance by_address = running("i-5", 1h);
    by_address.private_ip = "10.0.1.7";
    Node named = node_of("");
    named.internal_ip = "10.0.1.7";
    named.ready = true;
    EXPECT_EQ(judge_match({by_address}, {named}, {}, now).status, CheckStatus::ok);
    EXPECT_EQ(judge_match({running("i-6", 1h)}, {named}, {}, now).status, CheckStatus::failed);
    named.internal_ip = "10.0.1.8";
    EXPECT_EQ(judge_match({by_address}, {named}, {}, now).status, CheckStatus::failed)
        << "another machine's address";
    Instance stopped = running("i-7", 1h);
    stopped.state = InstanceState::stopped;
    EXPECT_EQ(judge_match({stopped}, both, {}, now).status, CheckStatus::not_checked);
}

TEST(Preflight, ANodeThatIsYoungerThanTheOneItsInstanceJoinedWithIsNamed) {
    auto instance = running("i-1", 2h);
    instance.private_ip = "10.0.1.7";
    Node node;
    node.name = "ip-10-0-1-7";
    node.internal_ip = "10.0.1.7";
    node.ready = true;
    node.created_at = now - 10min;
    Memory memory;
    memory.instances["i-1"].registered_at = now - 1h;
    const CheckResult found = judge_match({instance}, {node}, memory, now);
    EXPECT_EQ(found.status, CheckStatus::warning);
    EXPECT_THAT(found.seen, HasSubstr("Node ip-10-0-1-7 was created after i-1 had registered"));
    EXPECT_THAT(found.advice, HasSubstr("drain it and terminate the instance"));
    EXPECT_EQ(judge_match({instance}, {node}, {}, now).status, CheckStatus::ok);
}

TEST(Preflight, ANodeUnderAnotherNameMayBeTheInstanceThatHasNone) {
    Node foreign = node_of("");
    foreign.name = "edge-7";
    foreign.ready = true;
    foreign.created_at = now;
    const CheckResult found =
        judge_match({running("i-1", 1h), running("i-2", 1h)}, {node_of("i-1"), foreign}, {}, now);
    EXPECT_EQ(found.status, CheckStatus::failed);
    EXPECT_THAT(found.seen, HasSubstr("Node edge-7 is Ready and matches no instance, and i-2"));
}

TEST(Preflight, PodsThatAreNotListedFailUnlessTheyMayJustHaveStarted) {
    Node node = node_of("i-1");
    Memory memory;
    EXPECT_EQ(judge_listed_pods({node}, memory).status, CheckStatus::ok);
    node.hidden_pods = 2;
    EXPECT_EQ(judge_listed_pods({node}, memory).status, CheckStatus::failed)
        << "no pass recorded yet";
    memory.nodes_seen_at = now;
    EXPECT_EQ(judge_listed_pods({node}, memory).status, CheckStatus::warning);
    memory.hidden_since[node.name] = now;
    const CheckResult found = judge_listed_pods({node}, memory);
    EXPECT_EQ(found.status, CheckStatus::failed);
    EXPECT_THAT(found.seen, HasSubstr("cAdvisor shows 2 pods"));
}

TEST(Preflight, ALocalVolumeWhoseNodeIsNotKnownIsNamed) {
    Signals signals;
    EXPECT_EQ(judge_volumes(signals, {}).status, CheckStatus::ok);
    signals.volumes = {{"pvc-1", "default/a", "i-1"}, {"pvc-2", "default/b", ""}, {"pvc-3"}};
    const CheckResult found = judge_volumes(signals, {});
    EXPECT_EQ(found.status, CheckStatus::warning);
    EXPECT_THAT(found.seen, testing::EndsWith("pvc-2 of default/b, pvc-3"));
    Memory memory;
    memory.instances["i-2"].volumes = {{"pvc-2", "default/b", {}}, {"pvc-3", "default/c", {}}};
    EXPECT_EQ(judge_volumes(signals, memory).status, CheckStatus::ok);
}

TEST(Preflight, AVolumeThatIsRememberedWhileNoneIsReportedIsNamed) {
    Signals signals;
    signals.volumes_reported = false;
    EXPECT_EQ(judge_volumes(signals, {}).status, CheckStatus::ok);
    Memory memory;
    memory.instances["i-2"].volumes = {{"pvc-2", "default/b", std::nullopt}};
    const CheckResult found = judge_volumes(signals, memory);
    EXPECT_EQ(found.status, CheckStatus::warning);
    EXPECT_THAT(found.seen, HasSubstr("reports no PersistentVolume, and Nodenap remembers pvc-2"));
}

TEST(Preflight, FamiliesThatWouldShowAPartialViewAreNamed) {
    EXPECT_EQ(judge_families({}).status, CheckStatus::ok);
    EXPECT_EQ(judge_families({"kube_node_status_addresses"}).status, CheckStatus::warning);
    const std::pair<const char*, const char*> rows[] = {
        {"container_cpu_usage_seconds_total of pods", "pods that kube-state-metrics does not list"},
        {"kube_pod_status_qos_class", "requests that kube-state-metrics does not report"}};
    for (const auto& [family, unnoticed] : rows) {
        const CheckResult found = judge_families({family, "kube_node_status_addresses"});
        EXPECT_EQ(found.status, CheckStatus::failed);
        EXPECT_THAT(found.seen, HasSubstr(family));
        EXPECT_THAT(found.advice, HasSubstr(unnoticed));
    }
}

TEST(Preflight, TargetsThatAreAwayAreNamed) {
    EXPECT_EQ(judge_targets({{"kubelet", 3, 0}, {"kube-state-metrics", 1, 0}}).seen,
              "all 4 targets answer");
    const CheckResult away = judge_targets({{"kubelet", 3, 1}, {"kube-state-metrics", 1, 1}});
    EXPECT_EQ(away.status, CheckStatus::warning);
    EXPECT_THAT(away.seen, HasSubstr("2 of 4 targets do not answer: kubelet, kube-state-metrics"));
    EXPECT_EQ(judge_targets({}).status, CheckStatus::warning);
}

TEST(Preflight, TheWordsAreTheContracts) {
    EXPECT_EQ(word(CheckStatus::ok), "ok");
    EXPECT_EQ(word(CheckStatus::warning), "warning");
    EXPECT_EQ(word(CheckStatus::failed), "failed");
    EXPECT_EQ(word(CheckStatus::not_checked), "skipped");
}

}  // namespace
}  // namespace nodenap
