#include "decide/saving.hpp"

#include "decide/cluster.hpp"

namespace nodenap::test {
namespace {

std::string told(Cluster c) {
    c.idle().policy.limits.min_nodes = static_cast<int>(c.fleet().size());
    return c.decide().reasons.at(0).text;
}

TEST(Saving, ReportsCheaperTypesAtTheMinimum) {
    Cluster c;
    c.pool().instance_types = {"t2.small", "t3.small", "c5.xlarge"};
    c.ready("i-1", "c5.xlarge").ready("i-2", "c5.xlarge");
    EXPECT_EQ(told(c),
              "2 workers, the minimum (min_nodes = 2); cheaper types of their pools could "
              "replace 2 of them: $0.352 → $0.0536/h");
    c.runs("i-1", resources(1901, 64));
    EXPECT_EQ(told(c),
              "2 workers, the minimum (min_nodes = 2); cheaper types of their pools could "
              "replace 1 of them: $0.352 → $0.2028/h")
        << "its pods need more than a t3.small has";
}

TEST(Saving, ReportsNothingIfNothingIsCheaper) {
    const std::string nothing = "1 worker, the minimum (min_nodes = 1)";
    Cluster cheap;
    EXPECT_EQ(told(cheap.ready("i-1")), nothing);
    Cluster busy;
    busy.pool().instance_types = {"t3.small", "c5.xlarge"};
    busy.ready("i-1", "c5.xlarge").policy.scale_up.cpu_above_percent = 15;
    EXPECT_EQ(told(busy), nothing) << "0.4 busy cores are 20% of a t3.small";
    Cluster unknown;
    unknown.ready("i-1", "c5.xlarge").instance("i-1").offering.instance_type = "x9.huge";
    EXPECT_EQ(told(unknown), nothing) << "its price is unknown";
    Cluster old;
    old.ready("i-1", "c5.xlarge").instance("i-1").offering.pool = "old";
    EXPECT_EQ(told(old), nothing) << "its pool is not configured";
}

/// A worker that t2.small could replace, except for the change made by `given`.
std::string told_of_one(const std::function<void(Cluster&)>& given) {
    Cluster c;
    c.pool().instance_types = {"t2.small", "c5.xlarge", "g4dn.xlarge"};
    c.policy.catalogue.add({"g4dn.xlarge", 4, Mebibytes{16384}, "x86_64", std::nullopt, 0.526});
    c.ready("i-1", "c5.xlarge").runs("i-1", resources(700, 1600));
    given(c);
    return told(c);
}

TEST(Saving, IgnoresNodesThatTheCheaperTypeCannotReplace) {
    const std::string nothing = "1 worker, the minimum (min_nodes = 1)";
    EXPECT_NE(told_of_one([](Cluster&) {}), nothing);
    EXPECT_EQ(told_of_one([](Cluster& c) {
                  c.memory().allocatable["workers/t2.small"] = {resources(940, 1500, 110), start};
              }),
              nothing)
        << "t2.small Nodes had 1500 MiB, less than in the catalogue";
    EXPECT_EQ(
        told_of_one([](Cluster& c) { c.instance("i-1").offering.instance_type = "g4dn.xlarge"; }),
        nothing)
        << "it has a GPU";
    EXPECT_EQ(told_of_one([](Cluster& c) {
                  c.snapshot.signals.volumes = {{"pvc-1", "default/data", "i-1"}};
              }),
              nothing)
        << "it has the data of a local volume";
}

}  // namespace
}  // namespace nodenap::test
