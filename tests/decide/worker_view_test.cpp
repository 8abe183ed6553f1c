#include "decide/worker_view.hpp"

#include "decide/cluster.hpp"

#include <gmock/gmock.h>

namespace nodenap::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(WorkerRows, ShowBlockers) {
    Cluster c;
    c.ready(3).idle().runs("i-1", resources(300, 200));
    const auto rows = worker_rows(c.snapshot, c.policy);
    ASSERT_THAT(rows, SizeIs(3));
    EXPECT_EQ(rows[0].instance_id, "i-1");
    EXPECT_EQ(rows[0].stage, Stage::ready);
    EXPECT_THAT(rows[0].blocker, HasSubstr("runs pods"));
    EXPECT_EQ(rows[1].blocker, "") << "it is empty, and three are more than the minimum";
    EXPECT_GT(rows[0].requested.cpu.value, rows[1].requested.cpu.value);
    EXPECT_GT(rows[0].price_per_hour_usd, 0);
    EXPECT_TRUE(rows[0].cpu_percent);
}

TEST(WorkerRows, AtTheMinimumAllAreBlocked) {
    Cluster c;
    c.ready(2).idle();
    for (const auto& row : worker_rows(c.snapshot, c.policy))
        EXPECT_THAT(row.blocker, HasSubstr("the minimum"));
}

TEST(WorkerRows, WithoutMetricsBlockAllAndShowNoUsage) {
    Cluster c;
    c.ready(3);
    c.snapshot.signals.nodes = Unknown{"away"};
    c.snapshot.signals.cpu = Unknown{"away"};
    c.snapshot.signals.memory = Unknown{"away"};
    for (const auto& row : worker_rows(c.snapshot, c.policy)) {
        EXPECT_THAT(row.blocker, HasSubstr("unavailable"));
        EXPECT_EQ(row.cpu_percent, std::nullopt);
        EXPECT_EQ(row.node, "");
    }
}

TEST(WorkerRows, HaveNoTerminatedInstance) {
    Cluster c;
    c.ready(2).booting("i-9").instance("i-1").state = InstanceState::terminated;
    const auto rows = worker_rows(c.snapshot, c.policy);
    ASSERT_THAT(rows, SizeIs(2));
    EXPECT_EQ(rows[1].stage, Stage::booting);
    EXPECT_EQ(rows[1].blocker, "") << "its stage is sufficient";
}

}  // namespace
}  // namespace nodenap::test
