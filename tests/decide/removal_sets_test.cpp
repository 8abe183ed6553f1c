// Which nodes are removed first, and how many together.

#include "decide/removal.hpp"

#include "decide/cluster.hpp"

namespace nodenap::test {
namespace {

const auto small_pod = resources(100, 100);

TEST(Removal, PrefersTheLargestSaving) {
    // t2.small costs 0.029 USD an hour, c5.xlarge 0.176.
    const auto mixed = [](Cluster& c) -> Cluster& {
        return c.ready("i-1").ready("i-2", "c5.xlarge").ready("i-3").ready("i-4", "c5.xlarge");
    };
    expect_outcomes({
        {"the most expensive first, of these the oldest", [&](Cluster& c) { mixed(c).idle(); },
         "scale_down underused -i-2 -i-4"},
        {"only one of them at the minimum",
         [&](Cluster& c) { mixed(c).idle().policy.limits.min_nodes = 3; },
         "scale_down underused -i-2"},
        {"the oldest, whatever its price, if configured",
         [&](Cluster& c) { mixed(c).idle().policy.scale_down.victim = Victim::oldest; },
         "scale_down underused -i-1 -i-2"},
        {"an empty one before an expensive one with pods",
         [&](Cluster& c) {
             mixed(c).idle().runs("i-2", small_pod).runs("i-4", small_pod);
             c.policy.scale_down.without_drain = WithoutDrain::any;
         },
         "scale_down underused -i-1 -i-3"},
        {"a type without a price has no known saving",
         [&](Cluster& c) {
             mixed(c).idle().instance("i-2").offering.instance_type = "x9.huge";
             c.policy.limits.min_nodes = 3;
         },
         "scale_down underused -i-4"},
        {"two idle c6i.2xlarge of a burst are removed down to the minimum",
         [](Cluster& c) {
             c.policy.catalogue.add({"c6i.2xlarge", 8, Mebibytes{16384}, "x86_64", {}, 0.34});
             c.ready("i-1").ready("i-2").ready("i-3", "c6i.2xlarge").ready("i-4", "c6i.2xlarge");
             c.idle().cpu(5);
         },
         "scale_down underused -i-3 -i-4"},
    });
}

TEST(Removal, RemovesAsManyEmptyNodesAsTheSetAllows) {
    const auto nine = [](Cluster& c) -> Cluster& { return c.ready(9).idle(); };
    expect_outcomes({
        {"three at once if nothing can be cordoned", [&](Cluster& c) { nine(c); },
         "scale_down underused -i-1 -i-2 -i-3"},
        {"as many as configured",
         [&](Cluster& c) { nine(c).policy.scale_down.max_empty_removals_per_pass = 5; },
         "scale_down underused -i-1 -i-2 -i-3 -i-4 -i-5"},
        {"not below the minimum", [&](Cluster& c) { nine(c).policy.limits.min_nodes = 7; },
         "scale_down underused -i-1 -i-2"},
        {"a dead one does not count for its pool's minimum, else the next pass adds one again",
         [&](Cluster& c) {
             nine(c).pool().min_nodes = 8;
             c.notready("i-dead", 1h).snapshot.signals.volumes = {{"pvc-1", "a/b", "i-dead"}};
         },
         "scale_down underused -i-1"},
        {"not below a pool's", [&](Cluster& c) { nine(c).pool().min_nodes = 8; },
         "scale_down underused -i-1"},
        {"9 × 0.29 cores of 7 are 37.3%, of 6 they are 43.5%",
         [&](Cluster& c) { nine(c).cpu(29).policy.scale_up.cpu_above_percent = 40; },
         "scale_down underused -i-1 -i-2"},
        {"memory: 9 × 50% of 7 are 64.3%, of 6 they are 75%",
         [&](Cluster& c) {
             nine(c).policy.scale_up.memory_above_percent = 70;
             c.snapshot.signals.memory = Use{50, {}};
         },
         "scale_down underused -i-1 -i-2"},
        {"requests: 5670m are 90% of the 6300m of 7",
         [&](Cluster& c) {
             nine(c);
             for (int i = 1; i <= 7; ++i) c.runs("i-" + std::to_string(i), resources(810, 0));
         },
         "scale_down underused -i-8 -i-9"},
        {"… and a millicore more is not",
         [&](Cluster& c) {
             nine(c);
             for (int i = 1; i <= 7; ++i) c.runs("i-" + std::to_string(i), resources(810, 0));
             c.runs("i-1", resources(1, 0));
         },
         "scale_down underused -i-8"},
        {"one that cannot be removed with the others does not block the next",
         [&](Cluster& c) {
             c.ready("i-1", "c5.xlarge").ready("i-2", "c5.xlarge").ready("i-3").ready("i-4");
             c.idle().cpu(29).policy.scale_up.cpu_above_percent = 50;
             c.policy.limits.min_nodes = 1;
         },
         "scale_down underused -i-1"},
        {"one with pods is removed alone",
         [&](Cluster& c) {
             nine(c).policy.scale_down.without_drain = WithoutDrain::any;
             for (int i = 1; i <= 9; ++i) c.runs("i-" + std::to_string(i), small_pod);
         },
         "scale_down underused -i-1"},
        {"above the maximum one is removed per pass",
         [&](Cluster& c) { nine(c).policy.limits.max_nodes = 5; }, "scale_down above_maximum -i-1"},
    });
}

TEST(Removal, BurstableNodeAtItsBaselineBlocksOnlyItself) {
    const auto at = [](double percent) {
        return [percent](Cluster& c) { c.ready(3).idle().cpu_use().hosts[0].busy = percent / 100; };
    };
    expect_outcomes({
        {"a t2.small keeps 20% without credits: at 17.9% it has not reached it", at(17.9),
         "scale_down underused -i-1"},
        {"at 18% it may be out of credits: another is removed", at(18),
         "scale_down underused -i-2"},
        {"at 22% it may be out of credits: another is removed", at(22),
         "scale_down underused -i-2"},
        {"it counts as fully busy: 1 + 0.1 + 0.1 of 2 cores are 60%",
         [&](Cluster& c) {
             at(20)(c);
             c.policy.scale_up.cpu_above_percent = 61;
         },
         "scale_down underused -i-2"},
        {"… above the line, where that is lower",
         [&](Cluster& c) {
             at(20)(c);
             c.policy.scale_up.cpu_above_percent = 59;
         },
         "hold burst_baseline"},
        {"at 22.1% it has credits", at(22.1), "scale_down underused -i-1"},
        {"another family has no baseline",
         [](Cluster& c) {
             c.ready("i-1", "c5.large").ready("i-2", "c5.large").ready("i-3", "c5.large");
             c.idle().cpu(20);
         },
         "scale_down underused -i-1"},
        {"only a percentage, without data of one node",
         [](Cluster& c) {
             c.ready(3).idle();
             c.cpu_use() = {20, {}};
         },
         "scale_down underused -i-1"},
        {"a host without a size", [](Cluster& c) { c.ready(3).idle().cpu_use().hosts[0].size = 0; },
         "scale_down underused -i-1"},
        {"a type that is not in the catalogue",
         [](Cluster& c) {
             c.ready(3).idle().cpu(20);
             for (auto& each : c.fleet()) each.offering.instance_type = "x9.huge";
         },
         "scale_down underused -i-1"},
    });
}

}  // namespace
}  // namespace nodenap::test
