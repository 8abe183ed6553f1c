#include "decide/lifecycle.hpp"

#include "decide/joining.hpp"

#include "decide/cluster.hpp"

namespace nodenap::test {
namespace {

Memory observed(const Cluster& c) {
    const bool known = c.snapshot.fleet.known();
    return observe(c.snapshot, known ? membership(c.snapshot, c.policy) : Membership{}, c.policy);
}

std::string stages(const Cluster& cluster) {
    constexpr const char* names[] = {"booting", "ready", "notready", "late", "leaving", "gone"};
    std::string text;
    for (const auto& member : membership(cluster.snapshot, cluster.policy).members) {
        text += (text.empty() ? "" : " ") + member.instance->id + ":" +
                names[static_cast<int>(member.stage)];
    }
    return text;
}

TEST(Membership, ReadsTheStageOfEachInstance) {
    const std::vector<Case> cases{
        {"a Ready Node", [](Cluster& c) { c.ready("i-1"); }, "i-1:ready"},
        {"a Ready Node, seen for the first time", [](Cluster& c) { c.ready("i-1").memory() = {}; },
         "i-1:ready"},
        {"no Node yet", [](Cluster& c) { c.booting("i-1"); }, "i-1:booting"},
        {"a young Node that is not Ready",
         [](Cluster& c) { c.booting("i-1").node("i-1").ready = false; }, "i-1:booting"},
        {"joined once, not Ready now", [](Cluster& c) { c.notready("i-1", 1min); }, "i-1:notready"},
        {"joined once, no Node now", [](Cluster& c) { c.ready("i-1").nodes().clear(); },
         "i-1:notready"},
        {"joined once, the Nodes are unknown: as before",
         [](Cluster& c) { c.ready("i-1").snapshot.signals.nodes = Unknown{"x"}; }, "i-1:ready"},
        {"never seen, the Nodes are unknown, and young",
         [](Cluster& c) { c.booting("i-1", 10min).snapshot.signals.nodes = Unknown{"x"}; },
         "i-1:booting"},
        {"the Nodes are unknown, and it is older than the join timeout: it serves, we trust",
         [](Cluster& c) { c.booting("i-1", 11min).snapshot.signals.nodes = Unknown{"x"}; },
         "i-1:ready"},
        {"at the join timeout", [](Cluster& c) { c.booting("i-1", 10min); }, "i-1:booting"},
        {"after the join timeout", [](Cluster& c) { c.booting("i-1", 11min); }, "i-1:late"},
        {"after the join timeout, but only its launch is remembered: awaited from now on",
         [](Cluster& c) { c.booting("i-1", 11min).memory().instances["i-1"] = {}; }, "i-1:booting"},
        {"after the join timeout, and the memory is lost: awaited from now on",
         [](Cluster& c) { c.booting("i-1", 11min).memory() = {}; }, "i-1:booting"},
        {"late, with a Node that we never saw Ready",
         [](Cluster& c) { c.booting("i-1", 11min).node("i-1").ready = false; }, "i-1:late"},
        {"the memory is lost, and its Node is older than the join timeout: it has joined",
         [](Cluster& c) {
             c.notready("i-1", 1min).memory() = {};
             c.node("i-1").created_at = start - 11min;
         },
         "i-1:notready"},
        {"the memory is lost, its Node is younger, it is late: not given up, for we cannot know",
         [](Cluster& c) {
             c.notready("i-1", 1min).memory() = {};
             c.instance("i-1").launched_at = start - 11min;
             c.node("i-1").created_at = start - 9min;
         },
         "i-1:booting"},
        {"a removal is under way",
         [](Cluster& c) { c.ready("i-1").instance("i-1").terminating = true; }, "i-1:leaving"},
        {"pending in EC2, Ready in Kubernetes",
         [](Cluster& c) { c.ready("i-1").instance("i-1").state = InstanceState::pending; },
         "i-1:ready"},
        {"shutting down",
         [](Cluster& c) { c.ready("i-1").instance("i-1").state = InstanceState::shutting_down; },
         "i-1:gone"},
        {"stopped",
         [](Cluster& c) { c.ready("i-1").instance("i-1").state = InstanceState::stopped; },
         "i-1:gone"},
        {"a Node that names no instance is known by its address while Ready",
         [](Cluster& c) {
             c.ready("i-1").memory() = {};
             c.node("i-1").instance_id.clear();
         },
         "i-1:ready"},
        {"… but not while it is not Ready: the address may be another's by now",
         [](Cluster& c) {
             c.booting("i-1").instance("i-1").private_ip = "10.0.1.7";
             c.node("ip-10-0-1-7").ready = false;
             c.nodes()[0].instance_id.clear();
             c.nodes()[0].internal_ip = "10.0.1.7";
             c.nodes()[0].created_at = start - 24h;
         },
         "i-1:booting"},
        {"a Node that names another instance is not ours, whatever its address",
         [](Cluster& c) {
             c.booting("i-1").instance("i-1").private_ip = "10.0.1.7";
             c.node("i-2").internal_ip = "10.0.1.7";
         },
         "i-1:booting"},
        {"two without an address are not one",
         [](Cluster& c) {
             c.booting("i-1").instance("i-1").private_ip.clear();
             c.node("foreign").instance_id.clear();
         },
         "i-1:booting"},
        {"a server is no member", [](Cluster& c) { c.ready("i-1").node("i-1").server = true; }, ""},
        {"oldest first, then by id",
         [](Cluster& c) {
             c.ready("i-1").ready("i-3").ready("i-2");
             c.instance("i-2").launched_at = c.instance("i-3").launched_at = start - 3h;
         },
         "i-2:ready i-3:ready i-1:ready"},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        Cluster cluster;
        each.given(cluster);
        EXPECT_EQ(stages(cluster), each.wanted);
    }
}

TEST(Membership, Counts) {
    Cluster c;
    c.server().ready(2).booting("i-3").booting("i-4", 1h).notready("i-5", 1h).ready("i-6");
    c.instance("i-6").terminating = true;
    c.instance("i-2").offering.pool = "other";
    c.node("ghost").ready = false;
    const auto members = membership(c.snapshot, c.policy);
    EXPECT_EQ(members.alive(), 5);
    EXPECT_EQ(members.alive_in_pool("workers"), 4);
    EXPECT_EQ(members.count(Stage::not_registered), 1);
    ASSERT_EQ(members.other_nodes.size(), 1u);
    EXPECT_EQ(members.other_nodes[0]->name, "server");
}

TEST(Membership, KnowsTheSizeOfAMember) {
    Cluster c;
    c.ready("i-1", "c5.large").ready("i-2").booting("i-3");
    c.instance("i-2").offering.instance_type = c.instance("i-3").offering.instance_type = "x9.huge";
    const auto members = membership(c.snapshot, c.policy).members;
    EXPECT_EQ(cores_of(members[0]), 2);  // by its type
    EXPECT_EQ(mebibytes_of(members[0]), 4096);
    EXPECT_EQ(cores_of(members[1]), 1);  // 900m of its Node: a whole core
    EXPECT_EQ(mebibytes_of(members[1]), 1748);
    EXPECT_EQ(cores_of(members[2]), 0);  // neither is known
    EXPECT_EQ(mebibytes_of(members[2]), 0);
}

TEST(Membership, FindsTheUseOfAMember) {
    Cluster c;
    c.ready("i-1").ready("i-2").booting("i-3");
    const auto found = [&](const std::string& host) {
        const Use use{50, {{host, 0.5, 1}}};
        std::string ids;
        const HostFinder hosts(use);
        for (const auto& member : membership(c.snapshot, c.policy).members) {
            if (hosts.use_of(member.instance, member.node) != nullptr) ids += member.instance->id;
        }
        return ids;
    };
    EXPECT_EQ(found("i-1"), "i-1");
    EXPECT_EQ(found(c.instance("i-2").private_ip), "i-2");
    EXPECT_EQ(found(c.instance("i-3").private_ip), "i-3");
    c.node("i-1").internal_ip = "fd00::1";
    EXPECT_EQ(found("fd00::1"), "i-1");
    c.node("i-1").name = "worker-a";
    EXPECT_EQ(found("worker-a"), "i-1");
    EXPECT_EQ(found("10.9.9.9"), "");
}

TEST(Observe, RemembersWhoJoinedAndWhen) {
    Cluster c;
    c.ready("i-1").booting("i-2").memory().instances.clear();
    c.memory().instances["i-gone"].registered_at = start - 1h;
    auto memory = observed(c);
    EXPECT_EQ(memory.instances.size(), 2u);
    EXPECT_EQ(memory.instances["i-1"].registered_at, start);
    EXPECT_EQ(memory.instances["i-2"].registered_at, std::nullopt);
    EXPECT_EQ(memory.instances["i-2"].first_seen_at, start);
    EXPECT_EQ(memory.last_ready_at, start);

    c.memory() = memory;
    c.pass_time(1min);
    memory = observed(c);
    EXPECT_EQ(memory.instances["i-1"].registered_at, start);  // the first time counts
    EXPECT_EQ(memory.last_ready_at, start);
}

TEST(Observe, RemembersSinceWhenANodeIsNotReady) {
    Cluster c;
    c.ready("i-1").node("i-1").ready = false;
    c.memory() = observed(c);
    EXPECT_EQ(c.memory().instances["i-1"].notready_since, start);
    c.memory() = observed(c.pass_time(5min));
    EXPECT_EQ(c.memory().instances["i-1"].notready_since, start);
    c.node("i-1").ready = true;
    c.memory() = observed(c);
    EXPECT_EQ(c.memory().instances["i-1"].notready_since, std::nullopt);
}

TEST(Observe, LearnsFromAnOldNodeThatItsInstanceHadJoined) {
    Cluster c;
    c.ready("i-1").node("i-1").ready = false;
    c.node("i-1").created_at = start - 1h;
    c.memory() = {};
    const auto memory = observed(c);
    EXPECT_EQ(memory.instances.at("i-1").registered_at, start - 1h);
    EXPECT_EQ(memory.last_ready_at, std::nullopt);  // no cooldown for it
}

TEST(Observe, ClaimsNothingOfWhatItDidNotSee) {
    const auto lost_memory = [](Cluster& c) -> Cluster& {
        c.ready("i-1").memory() = {};
        c.node("i-1").ready = false;
        c.node("i-1").created_at = start - 11min;
        return c;
    };
    {
        // The Nodes are unknown in the first pass after the memory was lost. Had that pass noted
        // "seen booting", the next one would take a joined node for late and terminate it.
        Cluster c;
        lost_memory(c);
        auto seen = c.snapshot.signals.nodes;
        c.snapshot.signals.nodes = Unknown{"unreachable"};
        c.memory() = observed(c);
        EXPECT_TRUE(c.memory().instances.empty());
        c.snapshot.signals.nodes = seen;
        EXPECT_EQ(stages(c), "i-1:notready");
    }
    {
        // Late by EC2, its Node too young to tell: awaited until it tells.
        Cluster c;
        lost_memory(c).node("i-1").created_at = start - 9min;
        c.memory() = observed(c);
        EXPECT_EQ(stages(c), "i-1:booting");
        c.pass_time(2min);
        EXPECT_EQ(stages(c), "i-1:notready");
    }
    {
        Cluster c;
        c.ready("i-1").snapshot.fleet = Unknown{"throttled"};
        EXPECT_EQ(observed(c).instances.size(), 1u);
    }
}

TEST(Observe, MeasuresHowLongCpuIsLow) {
    Cluster c;
    c.ready(2).cpu(29.9);
    c.memory() = observed(c);
    EXPECT_EQ(c.memory().low_since, start);
    c.memory() = observed(c.pass_time(2min));
    EXPECT_EQ(c.memory().low_since, start);
    EXPECT_EQ(observed(c.cpu(30)).low_since, std::nullopt);
    c.snapshot.signals.cpu = Unknown{"stale"};
    EXPECT_EQ(observed(c).low_since, std::nullopt);
}

TEST(Observe, ABeginningWithoutALastSightIsNone) {
    Cluster c;
    c.cpu(10).memory().low_since = start - 1h;
    c.memory().low_seen_at.reset();
    EXPECT_EQ(observed(c).low_since, start);
}

TEST(Observe, DoesNotTakeTheTimeWithoutAPassForLow) {
    Cluster c;
    c.ready(3).cpu(10);
    c.memory() = observed(c);
    EXPECT_EQ(observed(c.pass_time(10min)).low_since, start);
    EXPECT_EQ(observed(c.pass_time(1ms)).low_since, start + 10min + 1ms);
    EXPECT_EQ(outcome(c.plan()), "hold unneeded_too_short");
    c.policy.scale_down.unneeded_for = 30min;
    EXPECT_EQ(observed(c.pass_time(50min - 1ms)).low_since, start);
    EXPECT_EQ(observed(c.pass_time(1ms)).low_since, start + 1h + 1ms);
}

TEST(Observe, ForgetsLaunchesAnHourAfterTheyMayHaveBeenSent) {
    Cluster c;
    const auto past = start - 1h - 5min;
    c.memory().launches = {past, past + 1ms, start};
    EXPECT_EQ(launches_of_last_hour(c.memory(), start), 2);
    EXPECT_EQ(observed(c).launches, (std::vector<Time>{past + 1ms, start}));
}

TEST(Offerings, RestThreeMinutesDoublingToThirty) {
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

TEST(Offerings, RestOnceForAnInstanceThatIsGivenUp) {
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

TEST(Offerings, NotSoldInItsZoneRestsForADay) {
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

TEST(Offerings, RestsAreForgottenHalfAnHourAfterTheirEnd) {
    Cluster c;
    c.unavailable("t2.small", "us-east-1a", -30min).unavailable("t2.small", "us-east-1b", -31min);
    const auto memory = observed(c);
    ASSERT_EQ(memory.unavailable_offerings.size(), 1u);
    EXPECT_EQ(memory.unavailable_offerings[0].offering.zone, "us-east-1a");
}

TEST(Cooldown, DoublesForEachRegrettedRemovalUpToAnHour) {
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
    EXPECT_EQ(cooldown_length(memory, policy), 60min);  // the last one was wrong
    note_removal(memory, now + 1h);
    EXPECT_EQ(cooldown_length(memory, policy), 5min);  // the last one was right
}

TEST(Cooldown, IsNotDoubledByWhatComesLater) {
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

TEST(Settling, EndsAMinuteAfterANodeWasSeenReady) {
    Cluster c;
    c.ready("i-1").booting("i-2");
    const auto settles = [&](std::size_t index) {
        return is_settling(membership(c.snapshot, c.policy).members[index], c.snapshot);
    };
    c.memory().instances["i-1"].registered_at = start - 59s;
    EXPECT_TRUE(settles(0));
    c.memory().instances["i-1"].registered_at = start - 60s;
    EXPECT_FALSE(settles(0));
    c.memory().instances.erase("i-1");
    EXPECT_TRUE(settles(0));   // seen for the first time
    EXPECT_FALSE(settles(1));  // not there yet
}

}  // namespace
}  // namespace nodenap::test
