// Reads docs/internals/rules.md and runs each of its worked cases, so that the page stays correct.

#include "decide/backoff.hpp"
#include "decide/cluster.hpp"
#include "decide/groups.hpp"

#include <fstream>

namespace nodenap::test {
namespace {

const auto half = resources(450, 512);

void nginx(Cluster& c, int pods) { c.ready(2).pending("nginx", pods, resources(100, 128)); }
Cluster& idle(Cluster& c) { return c.ready(3).idle(); }
Cluster& two_sizes(Cluster& c) {
    return c.ready(2).ready("i-3", "c5.xlarge").ready("i-4", "c5.xlarge").idle();
}
void requested(Cluster& c, std::int64_t by_the_oldest) {
    idle(c).policy.scale_down.without_drain = WithoutDrain::any;
    c.runs("i-1", resources(by_the_oldest, 0)).runs("i-2", resources(800, 0));
    c.runs("i-3", resources(600, 0));
}
void no_capacity_in(Cluster& c, const std::vector<std::string>& zones) {
    c.ready(2).pending("web", 1, half);
    for (const auto& zone : zones) c.unavailable("t2.small", zone);
}

std::vector<Case> cases_of_the_rules() {
    return {
        {"an empty cluster", [](Cluster&) {}, {}},
        {"one of two boots", [](Cluster& c) { c.ready(1).booting("i-2"); }, {}},
        {"a pool's minimum of 3 within the cluster's 2",
         [](Cluster& c) { c.ready(2).pool().min_nodes = 3; },
         {}},
        {"50 nginx of 100m and 128 MiB", [](Cluster& c) { nginx(c, 50); }, {}},
        {"50 nginx, one t2.small boots",
         [](Cluster& c) {
             nginx(c, 50);
             c.booting("i-3");
         },
         {}},
        {"50 nginx, DaemonSets take 50m of each node",
         [](Cluster& c) {
             nginx(c, 50);
             c.node("i-1").daemonset_requested = c.node("i-2").daemonset_requested =
                 resources(50, 0);
         },
         {}},
        {"50 nginx a second after a removal",
         [](Cluster& c) {
             nginx(c, 50);
             c.memory().last_removal_at = start - 1s;
         },
         {}},
        {"50 nginx with CPU unknown",
         [](Cluster& c) {
             nginx(c, 50);
             c.snapshot.signals.cpu = Unknown{"stale"};
         },
         {}},
        {"100 nginx, max_nodes 10, two nodes are there", [](Cluster& c) { nginx(c, 100); }, {}},
        {"two pods of 450m, t2.small or t3.small",
         [](Cluster& c) {
             c.ready(2).pending("web", 2, half).pool().instance_types = {"t2.small", "t3.small"};
         },
         {}},
        {"two pods that request a GPU, pools of t2.small and g4dn.xlarge",
         [](Cluster& c) {
             c.ready(2).pending("train", 2, half).policy.pools.push_back(c.pool());
             c.pool(1).name = "gpu";
             c.pool(1).instance_types = {"g4dn.xlarge"};
             c.policy.catalogue.add(
                 {"g4dn.xlarge", 4, Mebibytes{16384}, "x86_64", std::nullopt, 0.526});
             for (auto& pod : c.waiting().pods) pod.others = {{"nvidia_com_gpu", 1}};
         },
         {}},
        {"a pod of 450m while a pod of 450m is being deleted on a full node",
         [](Cluster& c) {
             c.ready(2).runs("i-1", half + half).pending("web", 1, half);
             c.waiting().freed["i-1"] = half;
         },
         {}},
        {"a number of pods without names", [](Cluster& c) { c.ready(2).waiting().count = 7; }, {}},
        {"CPU at 70% of 4 cores", [](Cluster& c) { c.ready(4).cpu(70); }, {}},
        {"CPU at 81% of 4 cores", [](Cluster& c) { c.ready(4).cpu(81); }, {}},
        {"CPU at 100% of 4 cores", [](Cluster& c) { c.ready(4).cpu(100); }, {}},
        {"CPU at 100% of 4 cores, one boots",
         [](Cluster& c) { c.ready(4).cpu(100).booting("i-5"); },
         {}},
        {"CPU at 100% of 4 cores, two boot",
         [](Cluster& c) { c.ready(4).cpu(100).booting("i-5").booting("i-6"); },
         {}},
        {"CPU at 100% of 4 cores, type t3.small",
         [](Cluster& c) { c.ready(4).cpu(100).pool().instance_types = {"t3.small"}; },
         {}},
        {"CPU at 100% of 2 cores, threshold 20%",
         [](Cluster& c) { c.ready(2).cpu(100).policy.scale_up.cpu_above_percent = 20; },
         {}},
        {"CPU at 60% after a fourth node left",
         [](Cluster& c) {
             c.ready(4).cpu(60).instance("i-4").state = InstanceState::terminated;
             c.cpu_use().hosts.pop_back();
         },
         {}},
        {"memory at 90% of 4 × 2000 MiB, threshold 80%",
         [](Cluster& c) {
             c.ready(4).policy.scale_up.memory_above_percent = 80;
             Use use{90, {}};
             for (const auto& host : c.cpu_use().hosts)
                 use.hosts.push_back({host.host, 1800, 2000});
             c.snapshot.signals.memory = use;
         },
         {}},
    };
}

std::vector<Case> cases_of_removal() {
    return {
        {"three idle, empty nodes", [](Cluster& c) { idle(c); }, {}},
        {"nine idle, empty nodes", [](Cluster& c) { c.ready(9).idle(); }, {}},
        {"nine empty nodes at 29%, threshold 40%",
         [](Cluster& c) { c.ready(9).idle().cpu(29).policy.scale_up.cpu_above_percent = 40; },
         {}},
        {"four idle nodes, the third and fourth c5.xlarge", [](Cluster& c) { two_sizes(c); }, {}},
        {"the same, victim oldest",
         [](Cluster& c) { two_sizes(c).policy.scale_down.victim = Victim::oldest; },
         {}},
        {"three idle nodes, the oldest runs a pod",
         [](Cluster& c) { idle(c).runs("i-1", half); },
         {}},
        {"three idle nodes, without_drain any, 1620m requested",
         [](Cluster& c) { requested(c, 220); },
         {}},
        {"three idle nodes, without_drain any, 1621m requested",
         [](Cluster& c) { requested(c, 221); },
         {}},
        {"three nodes at 25%, threshold 37.5%",
         [](Cluster& c) { idle(c).cpu(25).policy.scale_up.cpu_above_percent = 37.5; },
         {}},
        {"three nodes at 25%, threshold 37.4%",
         [](Cluster& c) { idle(c).cpu(25).policy.scale_up.cpu_above_percent = 37.4; },
         {}},
        {"three idle nodes, CPU unknown",
         [](Cluster& c) { idle(c).snapshot.signals.cpu = Unknown{"stale"}; },
         {}},
        {"three idle nodes, four minutes after a node became Ready",
         [](Cluster& c) { idle(c).memory().last_ready_at = start - 4min; },
         {}},
        {"four nodes, max_nodes 3, CPU 40%",
         [](Cluster& c) { c.ready(4).cpu(40).policy.limits.max_nodes = 3; },
         {}},
        {"four nodes, the fourth boots, max_nodes 3",
         [](Cluster& c) { c.ready(3).booting("i-4").policy.limits.max_nodes = 3; },
         {}},
        {"an instance boots for 10 minutes",
         [](Cluster& c) { c.ready(2).booting("i-3", 10min); },
         {}},
        {"an instance boots for 10 minutes and a second",
         [](Cluster& c) { c.ready(2).booting("i-3", 10min + 1s); },
         {}},
        {"a node is not Ready for 9 minutes",
         [](Cluster& c) { idle(c).notready("i-4", 9min); },
         {}},
        {"a node is not Ready for 10 minutes",
         [](Cluster& c) { idle(c).notready("i-4", 10min); },
         {}},
        {"a node is not Ready for 10 minutes and a second",
         [](Cluster& c) { idle(c).notready("i-4", 10min + 1s); },
         {}},
        {"a dead node with two pods being deleted, max_nodes 3, a half waits",
         [](Cluster& c) {
             c.ready("i-1").notready("i-2", 1h).ready("i-3").runs("i-2", resources(500, 0, 2));
             c.node("i-2").pods_being_deleted = 2;
             c.pending("web", 1, half).policy.limits.max_nodes = 3;
         },
         {}},
        {"two of five nodes are dead",
         [](Cluster& c) { c.ready(3).notready("i-4", 1h).notready("i-5", 1h); },
         {}},
        {"a spot interruption for a node with 800m, 200m free elsewhere",
         [](Cluster& c) {
             auto& first = c.ready(3).instance("i-1");
             first.terminating = first.interrupted = true;
             c.runs("i-1", resources(800, 400, 2)).runs("i-2", resources(700, 0));
             c.runs("i-3", resources(700, 0));
         },
         {}},
        {"three t2.small at 20%", [](Cluster& c) { idle(c).cpu(20); }, {}},
        {"a t2.small at 17.9%", [](Cluster& c) { idle(c).cpu_use().hosts[0].busy = 0.179; }, {}},
        {"a t2.small at 18%", [](Cluster& c) { idle(c).cpu_use().hosts[0].busy = 0.18; }, {}},
        {"a zone without capacity", [](Cluster& c) { no_capacity_in(c, {"us-east-1a"}); }, {}},
        {"both zones without capacity",
         [](Cluster& c) {
             no_capacity_in(c, {"us-east-1a", "us-east-1b"});
         },
         {}},
    };
}

std::vector<Case> cases_of_limits() {
    const auto eight = [](Cluster& c) -> Cluster& { return c.ready(2).pending("web", 8, half); };
    return {
        {"a pod of 900m and 1748 MiB",
         [](Cluster& c) { c.ready(2).pending("db", 1, resources(900, 1748)); },
         {}},
        {"a pod of 901m", [](Cluster& c) { c.ready(2).pending("db", 1, resources(901, 64)); }, {}},
        {"a pod of a DaemonSet",
         [](Cluster& c) {
             c.ready(2).pending("db", 1, half).waiting().pods[0].owner = "DaemonSet/db";
         },
         {}},
        {"a pod whose claim binds at once and is not bound",
         [](Cluster& c) {
             c.ready(2).pending("db", 1, half).waiting().pods[0].claims = {{"x", true}};
         },
         {}},
        {"a group that a t2.small did not help, c5.large is in the pool",
         [](Cluster& c) {
             c.ready(2).pending("web", 1, half).pool().instance_types.push_back("c5.large");
             c.memory().groups = {
                 {"default/ReplicaSet/web/450m/512Mi", {}, start - 1s, 1, resources(900, 1748, 0)}};
         },
         {}},
        {"eight groups, three others were refused within the hour",
         [](Cluster& c) {
             c.ready(2);
             for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"})
                 c.pending(name, 1, half);
             for (const char* name : {"x", "y", "z"})
                 c.memory().groups.push_back({name, {}, start - 1s, 1});
         },
         {}},
        {"the next run of a pod that was deleted while its node was empty, 5 min after that",
         [](Cluster& c) {
             c.ready(3).pending("web", 1, half).instance("i-3").epoch = 7;
             c.memory().groups = {
                 {"default/ReplicaSet/web/450m/512Mi", {7}, start + 5min, 1, {}, true}};
         },
         {}},
        {"a half whose group got a node that joined, then node data is unavailable",
         [](Cluster& c) {
             c.ready(3).pending("web", 1, half).instance("i-3").epoch = 7;
             c.memory().groups = {{"default/ReplicaSet/web/450m/512Mi", {7}, std::nullopt, 0}};
             c.snapshot.signals.nodes = Unknown{"not read"};
         },
         {}},
        {"a half, four idle nodes, max_nodes 4",
         [](Cluster& c) { c.ready(4).idle().pending("web", 1, half).policy.limits.max_nodes = 4; },
         {}},
        {"eight halves, 0.12 USD an hour, two nodes are there",
         [=](Cluster& c) { eight(c).policy.limits.max_price_per_hour_usd = 0.12; },
         {}},
        {"eight halves, 29 launches in the last hour",
         [=](Cluster& c) { eight(c).memory().launches.assign(29, start - 59min); },
         {}},
        {"eight halves, three launches a pass",
         [=](Cluster& c) { eight(c).policy.limits.max_launches_per_pass = 3; },
         {}},
        {"28 halves, one t2.small or c5.xlarge a pass",
         [](Cluster& c) {
             c.ready(2).pending("web", 28, half).policy.limits.max_launches_per_pass = 1;
             c.pool().instance_types = {"t2.small", "c5.xlarge"};
             c.pool().max_nodes = c.policy.limits.max_nodes = 20;
         },
         {}},
        {"eight halves, the pool may have three",
         [=](Cluster& c) { eight(c).pool().max_nodes = 3; },
         {}},
        {"observe, one half waits",
         [](Cluster& c) { c.ready(2).pending("web", 1, half).policy.mode = Mode::observe; },
         {}},
        {"add_only, three idle, empty nodes",
         [](Cluster& c) { idle(c).policy.mode = Mode::add_only; },
         {}},
        {"add_only, one half waits",
         [](Cluster& c) { c.ready(2).pending("web", 1, half).policy.mode = Mode::add_only; },
         {}},
        {"paused, one half waits",
         [](Cluster& c) { c.ready(2).pending("web", 1, half).snapshot.paused_until = start + 1h; },
         {}},
    };
}

std::string spans(const std::function<Milliseconds(int)>& nth, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + duration_text(nth(i));
    return text;
}

std::string unplaceable_spans() {
    Memory memory;
    memory.groups = {{"web", {7}, std::nullopt, 0}};
    Groups refused;
    refused.judged = refused.refused = {"web"};
    return spans(
        [&](int) {
            note_judged_groups(memory, refused, start);
            return *memory.groups[0].unplaceable_until - start;
        },
        6);
}

std::string backoff_spans(bool not_sold, int count) {
    Memory memory;
    auto now = start;
    return spans(
        [&](int) {
            back_off(memory, {"workers", "t2.small", "us-east-1a", Capacity::on_demand}, now, "",
                     not_sold);
            const auto span = memory.unavailable_offerings[0].until - now;
            now = memory.unavailable_offerings[0].until;
            return span;
        },
        count);
}

std::string cooldown_spans() {
    Memory memory;
    return spans(
        [&](int i) {
            memory.cooldown_doublings = i;
            return cooldown_length(memory, standard_policy());
        },
        6);
}

/// The program's result for each worked case, by name.
std::map<std::string, std::string> answers() {
    std::map<std::string, std::string> result{
        {"a group is refused again and again", unplaceable_spans()},
        {"the cooldown after removals that were premature", cooldown_spans()},
        {"an offering is refused again and again", backoff_spans(false, 6)},
        {"an offering that is not sold in its zone", backoff_spans(true, 1)}};
    for (const auto& cases : {cases_of_the_rules(), cases_of_removal(), cases_of_limits()}) {
        for (const auto& each : cases) {
            Cluster c;
            each.given(c);
            result[each.name] = outcome(c.plan());
        }
    }
    return result;
}

std::vector<std::string> cells(const std::string& line) {
    std::vector<std::string> result;
    for (std::size_t from = 2; from < line.size();) {
        const auto to = std::min(line.find(" |", from), line.size());
        result.push_back(line.substr(from, to - from));
        from = to + 3;
    }
    return result;
}

/// First cell → last cell, without its backticks, of every table of worked cases.
std::map<std::string, std::string> worked_cases_of_the_page() {
    std::ifstream page(NODENAP_SOURCE_DIR "/docs/internals/rules.md");
    std::map<std::string, std::string> result;
    bool inside = false;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("| worked case |")) inside = true;
        if (!line.starts_with("| ")) inside = false;
        const bool heading = line.starts_with("| worked case |") || line.starts_with("| --- |");
        if (!inside || heading) continue;
        const auto row = cells(line);
        result[row.front()] = row.back().substr(1, row.back().size() - 2);
    }
    return result;
}

TEST(ScalingPage, WorkedCasesMatchTheProgram) {
    const auto page = worked_cases_of_the_page();
    const auto program = answers();
    EXPECT_GT(page.size(), 40u);
    for (const auto& [name, wanted] : page) {
        SCOPED_TRACE(name);
        const auto found = program.find(name);
        ASSERT_NE(found, program.end()) << "no test of this name";
        EXPECT_EQ(found->second, wanted);
    }
    for (const auto& [name, answer] : program) {
        EXPECT_TRUE(page.contains(name)) << name << " is not on the page";
    }
}

TEST(ScalingPage, ListsEveryReasonCode) {
    std::ifstream page(NODENAP_SOURCE_DIR "/docs/how-it-decides.md");
    const std::string text{std::istreambuf_iterator<char>(page), {}};
    for (int code = 0; code <= static_cast<int>(ReasonCode::nothing_to_do); ++code) {
        const std::string name(word(static_cast<ReasonCode>(code)));
        EXPECT_NE(text.find("`" + name + "`"), std::string::npos) << name;
    }
}

}  // namespace
}  // namespace nodenap::test
