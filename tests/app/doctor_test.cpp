#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::Printed;
using test::run_line;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

/// A cluster whose last pass was just now.
struct DoctorWorld : CalmWorld {
    DoctorWorld() { run_line(*this, {"tick"}); }
};

Json as_json(CalmWorld& world, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"doctor", "--output", "json"};
    words.insert(words.end(), more.begin(), more.end());
    return Json::parse(run_line(world, words).out, nullptr, false);
}

Json check_of(const Json& answer, const std::string& name) {
    for (const auto& one : answer["checks"]) {
        if (one["check"] == name) return one;
    }
    return {};
}

TEST(Doctor, FindsAHealthyClusterHealthy) {
    DoctorWorld world;
    const auto writes = world.store.items;
    const Printed printed =
        run_line(world, {"doctor", "--token-parameter", "/k3s/prod/agent-token"});
    EXPECT_EQ(printed.exit, Exit::decided) << printed.out;
    EXPECT_THAT(printed.out, HasSubstr("27 checks: 27 ok, 0 warnings, 0 failed, 0 skipped."));
    EXPECT_THAT(printed.out, Not(HasSubstr("What to do")));
    EXPECT_EQ(world.store.items, writes) << "it changes nothing";
    EXPECT_THAT(world.preflight.parameters, testing::ElementsAre("/k3s/prod/agent-token"));
}

TEST(Doctor, AFailedCheckIsExitOneWithItsAdvice) {
    DoctorWorld world;
    world.preflight.template_seen = std::optional<TemplateSeen>{};
    const Printed printed = run_line(world, {"doctor"});
    EXPECT_EQ(printed.exit, Exit::failed);
    EXPECT_THAT(printed.out, HasSubstr("failed   pool workers: launch template"));
    EXPECT_THAT(printed.out, HasSubstr("What to do\n  pool workers: launch template (failed)\n"));
    EXPECT_THAT(printed.out, HasSubstr("1 failed, 1 skipped."));
}

TEST(Doctor, AWarningAndWhatWasNotCheckedAreNoFailure) {
    DoctorWorld world;
    world.preflight.quota = Error{ErrorKind::unavailable, "no route"};
    world.preflight.zones_of_all = {"us-east-1a"};
    const Printed printed = run_line(world, {"doctor"});
    EXPECT_EQ(printed.exit, Exit::decided) << printed.out;
    EXPECT_THAT(printed.out, HasSubstr("1 warning, 0 failed, 2 skipped."));
}

TEST(Doctor, BeforeTheFirstPassItSaysNotYet) {
    CalmWorld world;
    const Printed printed = run_line(world, {"doctor"});
    EXPECT_EQ(printed.exit, Exit::decided) << printed.out;
    EXPECT_THAT(printed.out, HasSubstr("not yet  schedule"));
    EXPECT_THAT(printed.out, HasSubstr("0 failed, 1 skipped, 1 not yet."));
}

TEST(Doctor, AsJsonHasTheContractsKeys) {
    DoctorWorld world;
    world.preflight.termination = Error{ErrorKind::denied, "no", "UnauthorizedOperation"};
    const Json answer = as_json(world);
    EXPECT_EQ(answer["version"], 1);
    const Json denied = check_of(answer, "termination");
    EXPECT_EQ(denied["result"], "failed");
    EXPECT_EQ(denied["seen"], "no");
    EXPECT_THAT(denied["advice"].get<std::string>(), HasSubstr("ec2:TerminateInstances"));
    EXPECT_TRUE(check_of(answer, "clock")["advice"].is_null());
    EXPECT_EQ(check_of(answer, "workers' token")["result"], "not checked");
}

TEST(Doctor, TheSchedulesPeriodMayBeAnother) {
    DoctorWorld world;
    world.clock.wall += std::chrono::minutes(7);
    world.preflight.time = world.clock.wall;
    world.preflight.monitoring = MonitoringSeen{world.clock.wall, {}, {}, ""};
    EXPECT_EQ(check_of(as_json(world), "schedule")["result"], "failed");
    EXPECT_EQ(check_of(as_json(world, {"--every", "5m"}), "schedule")["result"], "ok");
}

TEST(Doctor, AWrongOptionIsUsage) {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"doctor", "--every", "soon"}, {"doctor", "--every", "10s"}, {"doctor", "--fix"}}) {
        CalmWorld world;
        EXPECT_EQ(run_line(world, words).exit, Exit::usage) << words.back();
    }
}

TEST(Doctor, HelpSaysWhatItAsksAndThatItChangesNothing) {
    CalmWorld world;
    const Printed printed = run_line(world, {"doctor", "--help"});
    EXPECT_EQ(printed.exit, Exit::decided);
    for (const char* words : {"dry runs", "Nothing is changed", "Exit: 0", "--token-parameter"}) {
        EXPECT_THAT(printed.out, HasSubstr(words));
    }
}

TEST(Doctor, WhatAPeerSaysCannotSteerTheTerminal) {
    DoctorWorld world;
    world.preflight.termination = Error{ErrorKind::invalid, "\033[2Jgone"};
    EXPECT_THAT(run_line(world, {"doctor"}).out, Not(HasSubstr("\033[2J")));
}

}  // namespace
}  // namespace nodenap
