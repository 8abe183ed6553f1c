#include "decide/dead.hpp"

#include "decide/cluster.hpp"

namespace nodenap::test {
namespace {

const auto pod = resources(300, 200);

/// Three workers; i-2 has not been Ready for this long, and its two pods are being deleted.
Cluster& dead(Cluster& c, Milliseconds span = 7h) {
    c.ready("i-1").notready("i-2", span).ready("i-3");
    c.runs("i-2", pod).runs("i-2", pod).node("i-2").pods_being_deleted = 2;
    return c;
}

TEST(Dead, IsRemovedRegardlessOfOtherRules) {
    expect_outcomes({
        {"at the maximum its removal allows a node for the pending pod",
         [](Cluster& c) { dead(c).pending("web", 1, pod).policy.limits.max_nodes = 3; },
         "scale_down not_ready at_maximum pending_pods -i-2"},
        {"below it, the pod gets its node in the same pass",
         [](Cluster& c) { dead(c).pending("web", 1, pod); },
         "scale_up pending_pods not_ready +1 t2.small -i-2"},
        {"without any other action", [](Cluster& c) { dead(c); }, "scale_down not_ready -i-2"},
        {"without any pod", [](Cluster& c) { c.ready(2).notready("i-3", 1h); },
         "scale_down not_ready -i-3"},
        {"at the minimum it is replaced", [](Cluster& c) { dead(c).policy.limits.min_nodes = 3; },
         "scale_up below_minimum not_ready +1 t2.small -i-2"},
        {"add_only keeps it, and adds",
         [](Cluster& c) { dead(c).pending("web", 1, pod).policy.mode = Mode::add_only; },
         "scale_up pending_pods +1 t2.small"},
        {"observe reports it", [](Cluster& c) { dead(c).policy.mode = Mode::observe; },
         "hold observing not_ready -i-2"},
        {"it reduces the surplus", [](Cluster& c) { dead(c).policy.limits.max_nodes = 2; },
         "scale_down not_ready -i-2"},
    });
}

TEST(Dead, ExcludesNodesThatMayRecoverOrRunPods) {
    expect_outcomes({
        {"10 minutes are not longer than 10 minutes", [](Cluster& c) { dead(c, 10min); },
         "hold nothing_to_do"},
        {"a millisecond more is", [](Cluster& c) { dead(c, 10min + 1ms); },
         "scale_down not_ready -i-2"},
        {"one of its pods is not being deleted",
         [](Cluster& c) { dead(c).node("i-2").pods_being_deleted = 1; }, "hold nothing_to_do"},
        {"cAdvisor has just shown a pod on it that kube-state-metrics does not list",
         [](Cluster& c) { dead(c).node("i-2").unlisted_pods = 1; }, "hold nothing_to_do"},
        {"its host reports CPU usage: the kubelet responds, whatever the Node's status",
         [](Cluster& c) {
             dead(c).cpu_use().hosts.push_back({"i-2", 0.9, 1});
         },
         "hold nothing_to_do"},
        {"pods of DaemonSets do not block it",
         [](Cluster& c) {
             dead(c).runs("i-2", pod).node("i-2").daemonset_requested = pod;
             c.runs("i-1", pod).node("i-1").daemonset_requested = pod;
         },
         "scale_down not_ready -i-2"},
        {"without any pod, where DaemonSets run, its pods are not reported",
         [](Cluster& c) {
             c.ready(2).notready("i-3", 1h);
             c.runs("i-1", pod).node("i-1").daemonset_requested = pod;
         },
         "hold nothing_to_do"},
        {"without a Node object it is unknown what runs on it",
         [](Cluster& c) {
             dead(c);
             std::erase_if(c.nodes(), [](const Node& node) { return node.name == "i-2"; });
         },
         "hold nothing_to_do"},
        {"no pass for more than ten minutes: its kubelet could have ended the pods",
         [](Cluster& c) { dead(c).memory().nodes_seen_at = start - 6h; },
         "scale_down not_ready -i-2"},
        {"… but pods are hidden somewhere: it may have come back and hold some, too",
         [](Cluster& c) {
             dead(c).memory().nodes_seen_at = start - 11min;
             c.node("i-1").hidden_pods = 1;
         },
         "hold booting"},
        {"hidden pods do not matter if passes observed it the whole time",
         [](Cluster& c) { dead(c).node("i-1").hidden_pods = 1; }, "scale_down not_ready -i-2"},
        {"… but one without pods may have been Ready",
         [](Cluster& c) { c.ready(2).notready("i-3", 1h).memory().nodes_seen_at = start - 11min; },
         "hold booting"},
        {"a bound volume has its data on its disk, and it may come back",
         [](Cluster& c) {
             dead(c).snapshot.signals.volumes = {{"pvc-1", "default/data-db-0", "i-2"}};
         },
         "hold at_minimum"},
        {"cordoned by someone else", [](Cluster& c) { dead(c).node("i-2").schedulable = false; },
         "hold at_minimum"},
    });
}

TEST(Dead, IsRemovedOneAtATimeAndNeverIfManyAre) {
    const auto more = [](Cluster& c, int ready, int notready) -> Cluster& {
        c.ready(ready);
        for (int i = 1; i <= notready; ++i) c.notready("i-d" + std::to_string(i), 1h);
        c.policy.limits.min_nodes = 1;
        return c;
    };
    expect_outcomes({
        {"one of two", [&](Cluster& c) { more(c, 1, 1); }, "scale_down not_ready -i-d1"},
        {"two of six are a third: one is removed", [&](Cluster& c) { more(c, 4, 2); },
         "scale_down not_ready -i-d1"},
        {"two of five are more: the network may be at fault", [&](Cluster& c) { more(c, 3, 2); },
         "hold nothing_to_do"},
        {"… and nothing is replaced for the minimum",
         [&](Cluster& c) { more(c, 3, 2).policy.limits.min_nodes = 5; }, "hold at_minimum"},
        {"another was removed within the cooldown",
         [&](Cluster& c) { more(c, 4, 2).memory().last_removal_at = start - 4min; },
         "hold cooldown"},
        {"EC2 refused to end it: the next",
         [&](Cluster& c) { note_refused_removal(more(c, 4, 2).memory(), "i-d1", start); },
         "scale_down not_ready -i-d2"},
        {"unknown never removes",
         [&](Cluster& c) { more(c, 4, 1).snapshot.signals.cpu = Unknown{"x"}; },
         "hold metrics_unknown"},
    });
}

TEST(Dead, IsReportedWithItsTime) {
    Cluster c;
    EXPECT_EQ(dead(c).decide().reasons.at(0).text,
              "i-2 has not been Ready for 7h and runs no pods but those being deleted");
}

TEST(Dead, IsNoPrematureRemoval) {
    Memory memory;
    note_removal(memory, start - 1h);
    note_shortage(memory, start - 55min);
    note_repair(memory, start);
    note_shortage(memory, start + 1min);
    EXPECT_EQ(memory.cooldown_doublings, 1) << "as before";
    EXPECT_EQ(memory.last_removal_at, start);
}

}  // namespace
}  // namespace nodenap::test
