#include "app/cli/command_log.hpp"

#include "cli_world.hpp"

#include <gtest/gtest.h>

namespace nodenap {
namespace {

TEST(CommandLog, PassesEverythingOnWhereTheEventLogIsWanted) {
    Terminal terminal({}, ColorChoice::never, false);
    test::FakeLog log;
    CommandLog command_log(terminal, &log);
    command_log.write({"launch", {{"id", std::string("i-1")}}});
    command_log.pass({}, false);
    ASSERT_EQ(log.events.size(), 1U);
    EXPECT_EQ(log.events[0].name, "launch");
    ASSERT_EQ(log.passes.size(), 1U);
    EXPECT_FALSE(log.passes[0].second);
}

TEST(CommandLog, IsSilentInAScriptOtherwise) {
    const test::CaughtStream err;
    Terminal terminal({stdin, err.get(), err.get()}, ColorChoice::never, false);
    CommandLog command_log(terminal, nullptr);
    command_log.write({"launch", {}});
    command_log.pass({}, true);
    EXPECT_EQ(err.text(), "");
}

}  // namespace
}  // namespace nodenap
