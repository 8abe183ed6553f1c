#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::run_line;
using test::state_of;
using Json = nlohmann::json;

TEST(Resume, EndsAPause) {
    CalmWorld world;
    run_line(world, {"pause", "--for", "2h"});
    ASSERT_TRUE(state_of(world).paused_until);
    EXPECT_EQ(run_line(world, {"resume"}).out, "prod is no longer paused.\n");
    EXPECT_FALSE(state_of(world).paused_until);
}

TEST(Resume, AsJsonIsTheStatusAfterIt) {
    CalmWorld world;
    run_line(world, {"pause"});
    const Json resumed = Json::parse(run_line(world, {"resume", "--output", "json"}).out);
    EXPECT_TRUE(resumed["paused_until"].is_null());
}

TEST(Resume, OfAStateThatIsAwayFails) {
    CalmWorld world;
    world.store.away = test::StoreFault{};
    EXPECT_EQ(run_line(world, {"resume"}).exit, Exit::failed);
}

}  // namespace
}  // namespace nodenap
