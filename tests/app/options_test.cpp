#include "cli_world.hpp"

#include "controller/error_codes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

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
        {ErrorKind::unavailable, "Check the address"},
        {ErrorKind::throttled, "try again"},
        {ErrorKind::unknown_outcome, "Check the address"},
        {ErrorKind::conflict, "changed in the meantime"},
        {ErrorKind::denied, "Credentials are read from the environment", no_credentials},
        {ErrorKind::denied, "Grant this permission"},
        {ErrorKind::denied, "Grant this permission", "AccessDenied"},
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

struct FailureCase {
    std::vector<std::string> words;
    std::string said;
    std::string consequence;
};

/// What follows from a failure is the command's to say: that the next pass continues comforts
/// nobody whose pause was not taken.
TEST(Options, AFailureSaysWhatFollowsFromItForThisCommand) {
    const FailureCase cases[] = {
        {{"pause"}, "NOT paused: what failed", "Nodenap keeps acting"},
        {{"pause", "--for", "1h"}, "NOT paused: what failed", "reserved concurrency"},
        {{"resume"}, "NOT resumed: what failed", "A pause stays in force"},
        {{"unlock"}, "NOT unlocked: what failed", "expires by itself"},
        {{"tick"}, "The pass failed: what failed", "The next pass continues"},
        {{"status"}, "The state could not be read: what failed", "Passes may still be running"},
        {{"history"}, "The history could not be read: what failed", "Passes may still be running"},
        {{"cost"}, "The history could not be read: what failed", "Passes may still be running"}};
    for (const FailureCase& test : cases) {
        CalmWorld world;
        world.store.away = test::StoreFault{{ErrorKind::unavailable, "what failed"}};
        const Printed printed = run_line(world, test.words);
        EXPECT_EQ(printed.exit, Exit::failed);
        EXPECT_THAT(printed.err, HasSubstr("nodenap: " + test.said + "\n"));
        EXPECT_THAT(printed.err, HasSubstr(test.consequence)) << test.said;
        const bool is_pass = test.words.front() == "tick";
        EXPECT_EQ(printed.err.find("next pass") == std::string::npos, !is_pass) << printed.err;
    }
}

TEST(Options, AFailureIsADocumentWhereJsonIsAskedFor) {
    for (const char* command :
         {"pause", "resume", "unlock", "tick", "plan", "nodes", "status", "history"}) {
        CalmWorld world;
        world.store.away = test::StoreFault{{ErrorKind::denied, "what failed", "AccessDenied"}};
        const Printed printed = run_line(world, {command, "--output", "json"});
        EXPECT_EQ(printed.exit, Exit::failed);
        const auto json = nlohmann::json::parse(printed.out, nullptr, false);
        ASSERT_TRUE(json.is_object()) << command << printed.out;
        EXPECT_EQ(json["version"], 1);
        EXPECT_EQ(json["error"]["kind"], "denied");
        EXPECT_EQ(json["error"]["code"], "AccessDenied");
        EXPECT_THAT(json["error"]["text"], HasSubstr("what failed"));
        EXPECT_THAT(json["error"]["advice"], HasSubstr("Grant this permission"));
        EXPECT_THAT(printed.err, HasSubstr("what failed"));
    }
}

TEST(Options, AnOrderWhoseOutcomeIsUnknownSaysSo) {
    CalmWorld world;
    world.store.away = test::StoreFault{{ErrorKind::unknown_outcome, "what failed"}};
    EXPECT_THAT(run_line(world, {"pause"}).err,
                HasSubstr("NOT paused as far as known: what failed\n"));
}

TEST(Options, TheCommonOnesHaveOneLetter) {
    CalmWorld world;
    const Printed printed = run_line(world, {"plan", "-o", "json"});
    EXPECT_EQ(printed.exit, Exit::decided);
    EXPECT_EQ(printed.out.front(), '{');
    EXPECT_EQ(run_line(world, {"plan", "-c", "nodenap.toml"}).exit, Exit::decided);
    EXPECT_THAT(run_line(world, {"plan", "-h"}).out, HasSubstr("-o,--output"));
}

}  // namespace
}  // namespace nodenap
