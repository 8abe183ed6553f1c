#include "cli_world.hpp"

#include "controller/error_codes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::Printed;
using test::run_line;
using testing::HasSubstr;

TEST(Options, ColourIsAsAsked) {
    CalmWorld world;
    EXPECT_THAT(run_line(world, {"plan"}).out, testing::Not(HasSubstr("\033")));
    EXPECT_THAT(run_line(world, {"plan", "--color", "always"}).out, HasSubstr("\033[1mprod"));
    EXPECT_THAT(run_line(world, {"plan", "--color", "never"}).out, testing::Not(HasSubstr("\033")));
}

struct AdviceCase {
    ErrorKind kind;
    std::string wanted;
    const char* code = "";
};

TEST(Options, AFailureSaysWhatToDoNext) {
    const AdviceCase cases[] = {
        {ErrorKind::unavailable, "can be reached"},
        {ErrorKind::throttled, "Try again"},
        {ErrorKind::unknown_outcome, "Nothing is lost"},
        {ErrorKind::conflict, "try again"},
        {ErrorKind::denied, "looked for in the environment", no_credentials},
        {ErrorKind::denied, "this right"},
        {ErrorKind::denied, "this right", "AccessDenied"},
        {ErrorKind::invalid, "configuration"}};
    for (const AdviceCase& test : cases) {
        CalmWorld world;
        world.store.away = test::StoreFault{{test.kind, "what failed", test.code}};
        const Printed printed = run_line(world, {"status"});
        EXPECT_EQ(printed.exit, Exit::failed);
        EXPECT_THAT(printed.err, HasSubstr("nodenap: The state could not be read: what failed\n"));
        EXPECT_THAT(printed.err, HasSubstr(test.wanted));
    }
}

}  // namespace
}  // namespace nodenap
