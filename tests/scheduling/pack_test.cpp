#include "scheduling/pack.hpp"

#include "decide/cluster.hpp"

#include <gmock/gmock.h>

namespace nodenap::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

PendingPod pod(const std::string& name, std::int64_t cpu, std::int64_t memory = 1) {
    return {name, {}, resources(cpu, memory), std::nullopt};
}

std::vector<PendingPod> pods(int count, std::int64_t cpu, std::int64_t memory = 1) {
    std::vector<PendingPod> result;
    for (int i = 1; i <= count; ++i) result.push_back(pod("p" + std::to_string(i), cpu, memory));
    return result;
}

const NodeOption small{"workers", "small", resources(1000, 1000, 10), 1.0, 100};
const NodeOption large{"workers", "large", resources(4000, 4000, 40), 3.5, 100};
const NodeOption dear{"workers", "dear", resources(1000, 1000, 10), 9.0, 100};

/// "small:2 large:4, left 1": pods of each node, and how many found no place.
std::string told(const Packing& packing) {
    std::string text;
    for (const auto& bin : packing.bins) {
        text += bin.instance_type + ":" + std::to_string(bin.pods.size()) + " ";
    }
    return text + "left " + std::to_string(packing.left_over.size());
}

TEST(Place, PutsTheLargestFirstIntoTheFirstThatHolds) {
    std::vector<Bin> bins{{"a", {}, {}, resources(1000, 1000, 3), {}, 0},
                          {"b", {}, {}, resources(1000, 1000, 3), {}, 0}};
    const auto rest = place({pod("small", 100, 100), pod("big", 900, 900), pod("b2", 500, 500),
                             pod("b1", 500, 500), pod("huge", 2000, 1)},
                            bins);
    EXPECT_THAT(bins[0].pods, ElementsAre("big", "small"));
    EXPECT_THAT(bins[1].pods, ElementsAre("b1", "b2"));
    EXPECT_EQ(bins[1].room, resources(0, 0, 1));
    ASSERT_EQ(rest.size(), 1u);
    EXPECT_EQ(rest[0].name, "huge");
}

TEST(Place, FindsTheNodesThatWereLaunchedForThePods) {
    std::vector<Bin> bins{{"a", {}, {}, resources(900, 1000, 9), {}, 0},
                          {"b", {}, {}, resources(1900, 2000, 9), {}, 0}};
    EXPECT_THAT(place({pod("p1", 100, 30), pod("p2", 1100, 20), pod("p3", 900, 10)}, bins),
                IsEmpty());
    EXPECT_THAT(bins[0].pods, ElementsAre("p3"));
    EXPECT_THAT(bins[1].pods, ElementsAre("p1", "p2"));
}

TEST(Place, GivesNoPlaceThatIsNotThere) {
    std::vector<Bin> none;
    EXPECT_EQ(place(pods(2, 1), none).size(), 2u);
    std::vector<Bin> overfull{{"a", {}, {}, resources(-5, 10, 3), {}, 0}};
    EXPECT_EQ(place(pods(1, 0), overfull).size(), 1u);
}

TEST(Pack, TakesTheCheapestSet) {
    struct Line {
        const char* name;
        std::vector<PendingPod> waiting;
        std::vector<NodeOption> options;
        int most;
        const char* wanted;
    };
    auto one_small = small;
    one_small.at_most = 1;
    auto other_pool = small;
    other_pool.pool = "other";
    other_pool.price_per_hour_usd = 2.0;
    const std::vector<Line> lines{
        {"nothing waits", {}, {small}, 9, "left 0"},
        {"one pod", pods(1, 400), {small}, 9, "small:1 left 0"},
        {"five pods of 400m on nodes of 1000m: three nodes",
         pods(5, 400),
         {small},
         9,
         "small:2 small:2 small:1 left 0"},
        {"four small ones at 1.0 cost more than one large at 3.5",
         pods(10, 400),
         {small, large},
         9,
         "large:10 left 0"},
        {"three small ones at 1.0 cost less",
         pods(6, 400),
         {small, large},
         9,
         "small:2 small:2 small:2 left 0"},
        {"the last large one is exchanged for a small one",
         pods(12, 400),
         {small, large},
         9,
         "large:10 small:2 left 0"},
        {"the cheaper of two that are equal", pods(2, 400), {dear, small}, 9, "small:2 left 0"},
        {"a pod too large for the small ones",
         {pod("big", 3000), pod("tiny", 100)},
         {small, large},
         9,
         "large:2 left 0"},
        {"no option", pods(2, 400), {}, 9, "left 2"},
        {"no option is large enough", pods(2, 9000), {small, large}, 9, "left 2"},
        {"one of two is too large for any",
         {pod("big", 9000), pod("tiny", 100)},
         {small},
         9,
         "small:1 left 1"},
        {"no node is allowed", pods(2, 400), {small}, 0, "left 2"},
        {"two nodes are allowed: the larger hold more",
         pods(40, 400),
         {small, large},
         2,
         "large:10 large:10 left 20"},
        {"its pool has one place", pods(4, 400), {one_small}, 9, "small:2 left 2"},
        {"… then the other pool's",
         pods(4, 400),
         {one_small, other_pool},
         9,
         "small:2 small:2 left 0"},
        {"places for pods count", pods(21, 1), {small}, 9, "small:10 small:10 small:1 left 0"},
    };
    for (const auto& line : lines) {
        SCOPED_TRACE(line.name);
        EXPECT_EQ(told(pack(line.waiting, line.options, line.most)), line.wanted);
    }
}

TEST(Pack, LeavesTheRoomThatIsLeft) {
    const auto packing = pack({pod("a", 3000, 500), pod("b", 200, 100)}, {small, large}, 9);
    ASSERT_EQ(packing.bins.size(), 1u);
    EXPECT_EQ(packing.bins[0].room, resources(800, 3400, 38));
    EXPECT_EQ(packing.bins[0].id, "");
    EXPECT_EQ(packing.bins[0].price_per_hour_usd, 3.5);
    EXPECT_THAT(packing.left_over, IsEmpty());
}

TEST(Pack, NeverBreaksAPoolsRoomByExchanging) {
    auto full = small;
    full.pool = "small pool";
    full.at_most = 1;
    // 4 large nodes with little on the last two; only one may become a small one.
    const auto packing = pack(pods(2, 500), {full, dear}, 9);
    EXPECT_EQ(told(packing), "small:2 left 0");
    EXPECT_EQ(told(pack(pods(4, 500), {full, dear}, 9)), "small:2 dear:2 left 0");
}

}  // namespace
}  // namespace nodenap::test
