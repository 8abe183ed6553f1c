#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::hold_lease;
using test::Printed;
using test::run_line;
using test::state_of;
using testing::HasSubstr;

TEST(Unlock, AsksAndWithoutAPersonDoesNothing) {
    CalmWorld world;
    hold_lease(world);
    const Printed printed = run_line(world, {"unlock"});
    EXPECT_EQ(printed.exit, Exit::usage);
    EXPECT_THAT(printed.err, HasSubstr("--yes"));
    EXPECT_EQ(state_of(world).lease_owner, "other");
}

TEST(Unlock, FreesTheLeaseAndFencesItsHolderOff) {
    CalmWorld world;
    hold_lease(world);
    const std::int64_t epoch = state_of(world).epoch;
    EXPECT_EQ(run_line(world, {"unlock", "--yes"}).exit, Exit::decided);
    EXPECT_EQ(state_of(world).lease_owner, "");
    EXPECT_EQ(state_of(world).epoch, epoch + 1);
}

}  // namespace
}  // namespace nodenap
