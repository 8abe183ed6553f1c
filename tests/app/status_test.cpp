#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::Printed;
using test::run_line;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Status, OfAClusterNeverSeen) {
    CalmWorld world;
    const Printed printed = run_line(world, {"status"});
    EXPECT_EQ(printed.exit, Exit::decided);
    EXPECT_THAT(printed.out, HasSubstr("last decision  none yet"));
    EXPECT_THAT(world.store.writes, IsEmpty());
}

}  // namespace
}  // namespace nodenap
