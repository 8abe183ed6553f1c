#include "cli_world.hpp"

#include "controller/error_codes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::Printed;
using test::run_line;
using testing::HasSubstr;
using testing::SizeIs;
using Json = nlohmann::json;

TEST(History, IsTheJournalNewestFirst) {
    CalmWorld world;
    run_line(world, {"tick"});
    world.clock.advance(std::chrono::minutes(2));
    world.metrics.signals.cpu = Unknown{"no targets"};
    run_line(world, {"tick"});
    const Printed table = run_line(world, {"history", "--since", "1h"});
    EXPECT_EQ(table.exit, Exit::decided);
    EXPECT_THAT(table.out, testing::ContainsRegex("2026-11-23 20:02:00.*unknown: CPU(.|\n)*"
                                                  "2026-11-23 20:00:00"));
    const Json document = Json::parse(
        run_line(world, {"history", "--output", "json", "--limit", "1"}).out, nullptr, false);
    EXPECT_EQ(document["version"], 1);
    EXPECT_EQ(document["cluster"], "prod");
    const Json& records = document["records"];
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_EQ(records[0]["now"], "2026-11-23T20:02:00Z");
    EXPECT_EQ(records[0]["epoch"], 2);
}

TEST(History, SaysWhyNodesWereBoughtOnDemand) {
    CalmWorld world;
    world.settings.policy.pools[0].capacity = CapacityChoice::spot_then_on_demand;
    world.fleet.instances.pop_back();
    const Error no_role{ErrorKind::no_capacity, "create the role", no_spot_role};
    world.fleet.launch_errors = {no_role, no_role};
    run_line(world, {"tick"});
    const Printed table = run_line(world, {"history"});
    EXPECT_THAT(table.out, HasSubstr("bought on demand: spot t2.small in us-east-1"));
    EXPECT_THAT(table.out, HasSubstr("is unavailable: create the role"));
}

/// A launch, then a pass that cannot see the CPU.
void make_two_records(CalmWorld& world) {
    world.fleet.instances.pop_back();
    run_line(world, {"tick"});
    world.clock.advance(std::chrono::minutes(2));
    world.metrics.signals.cpu = Unknown{"no targets"};
    run_line(world, {"tick"});
}

std::vector<std::string> decisions(CalmWorld& world, std::vector<std::string> words) {
    words.insert(words.begin(), {"history", "--output", "json"});
    std::vector<std::string> found;
    const Json document = Json::parse(run_line(world, words).out, nullptr, false);
    for (const auto& record : document["records"]) {
        found.push_back(record["decision"].get<std::string>());
    }
    return found;
}

TEST(History, FiltersByDecisionTimeAndInstance) {
    CalmWorld world;
    make_two_records(world);
    using testing::ElementsAre;
    EXPECT_THAT(decisions(world, {}), ElementsAre("hold", "scale_up"));
    EXPECT_THAT(decisions(world, {"--decision", "scale_up"}), ElementsAre("scale_up"));
    EXPECT_THAT(decisions(world, {"--decision", "scale_up", "--limit", "1"}),
                ElementsAre("scale_up"))
        << "the limit counts what is left";
    EXPECT_THAT(decisions(world, {"--until", "1m"}), ElementsAre("scale_up"));
    const auto launched = world.fleet.instances.back().id;
    EXPECT_THAT(decisions(world, {"--instance", launched}), ElementsAre("scale_up"));
    EXPECT_THAT(decisions(world, {"--instance", "i-none"}), testing::IsEmpty());
    EXPECT_THAT(run_line(world, {"history", "--instance", "i-none"}).out,
                HasSubstr("No history in the last 24h that matches."));
    EXPECT_EQ(run_line(world, {"history", "--decision", "shrink"}).exit, Exit::usage);
}

TEST(History, FollowsUntilInterrupted) {
    CalmWorld world;
    std::atomic<bool> interrupted = false;
    int sleeps = 0;
    world.clock.on_sleep = [&] {
        if (++sleeps == 1) {
            world.fleet.instances.pop_back();
            run_line(world, {"tick"});
        } else if (sleeps > 3) {
            interrupted = true;
        }
    };
    const Printed followed = run_line(world, {"history", "--follow"}, interrupted);
    EXPECT_EQ(followed.exit, Exit::interrupted);
    EXPECT_THAT(followed.out, HasSubstr("No history in the last 24h"));
    EXPECT_THAT(followed.out, HasSubstr("1 worker, below min_nodes (2)"));
    EXPECT_EQ(run_line(world, {"history", "--follow", "--until", "1m"}).exit, Exit::usage);
}

TEST(History, WithoutARecordSaysSo) {
    CalmWorld world;
    EXPECT_THAT(run_line(world, {"history"}).out, HasSubstr("No history in the last 24h"));
    EXPECT_EQ(run_line(world, {"history", "--output", "json"}).out,
              "{\"version\": 1, \"cluster\": \"prod\", \"records\": []}\n");
}

}  // namespace
}  // namespace nodenap
