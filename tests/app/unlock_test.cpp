#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::hold_lease;
using test::PseudoTerminal;
using test::run_line;
using test::run_on;
using test::state_of;
using testing::HasSubstr;

TEST(Unlock, FreesTheLeaseAndFencesItsHolderOff) {
    CalmWorld world;
    hold_lease(world);
    const std::int64_t epoch = state_of(world).epoch;
    EXPECT_EQ(run_line(world, {"unlock", "--yes"}).exit, Exit::decided);
    EXPECT_EQ(state_of(world).lease_owner, "");
    EXPECT_EQ(state_of(world).epoch, epoch + 1);
}

struct AnswerCase {
    std::string typed;
    bool freed = false;
};

TEST(Unlock, AsksAPersonFirst) {
    const AnswerCase cases[] = {{"y\n", true}, {"yes\n", true}, {"n\n"}, {"\n"}, {"what\n"}};
    for (const AnswerCase& test : cases) {
        CalmWorld world;
        hold_lease(world);
        const PseudoTerminal pty;
        pty.type(test.typed);
        const std::atomic<bool> never{false};
        const Streams streams{pty.file(), pty.file(), pty.file()};
        EXPECT_EQ(run_on(world, {"unlock"}, streams, never).exit, Exit::decided);
        EXPECT_THAT(pty.shown(), HasSubstr("Release the lease of prod?"));
        EXPECT_EQ(state_of(world).lease_owner.empty(), test.freed) << test.typed;
    }
}

TEST(Unlock, DoesNotAskAScript) {
    CalmWorld world;
    hold_lease(world);
    EXPECT_EQ(run_line(world, {"unlock"}).out,
              "The lease is released. A pass that held it can no longer write.\n");
    EXPECT_EQ(state_of(world).lease_owner, "");
}

}  // namespace
}  // namespace nodenap
