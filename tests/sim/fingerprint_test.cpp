#include "sim/fingerprint.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

Record held() {
    Record record;
    record.plan.decision = DecisionKind::hold;
    record.plan.reasons = {{ReasonCode::nothing_to_do, "all pods run"}};
    return record;
}

std::uint64_t of(const Record& record) {
    Fingerprint fingerprint;
    fingerprint.add_record(record);
    return fingerprint.value();
}

std::uint64_t of(const Change& change) {
    Fingerprint fingerprint;
    fingerprint.add_write({"prod", "state"}, change, false);
    return fingerprint.value();
}

TEST(Fingerprint, TextsForPeopleDoNotCount) {
    auto said_otherwise = held();
    said_otherwise.plan.reasons.front().text = "nothing waits";
    said_otherwise.plan.now += std::chrono::minutes(1);
    EXPECT_EQ(of(said_otherwise), of(held()));

    const auto operation = [](const char* reason) {
        Change change;
        change.set.push_back(
            {{"open_intents", "n-1"}, {AttributeMap{{"reason", {std::string(reason)}}}}});
        return change;
    };
    EXPECT_EQ(of(operation("empty")), of(operation("idle")));
}

TEST(Fingerprint, DecisionsAndReasonCodesCount) {
    auto other = held();
    other.plan.decision = DecisionKind::scale_down;
    EXPECT_NE(of(other), of(held()));
    other = held();
    other.plan.reasons.front().code = ReasonCode::pending_pods;
    EXPECT_NE(of(other), of(held()));
    other = held();
    other.plan.remove.push_back({"node", "i-1", RemovalCause::underused});
    EXPECT_NE(of(other), of(held()));
    other = held();
    other.done.push_back({"launch", "i-1", "done"});
    EXPECT_NE(of(other), of(held()));
}

TEST(Fingerprint, WritesCount) {
    Change change;
    change.set.push_back({{"epoch"}, {std::int64_t{3}}});
    const auto three = of(change);
    change.set.front().second = {std::int64_t{4}};
    EXPECT_NE(of(change), three);

    Fingerprint refused;
    refused.add_write({"prod", "state"}, change, true);
    EXPECT_NE(refused.value(), of(change));
}

TEST(Fingerprint, LaunchesAndTerminationsCountWithTheirAnswers) {
    Operation operation;
    operation.id = "n-1";
    operation.offering.instance_type = "t3.small";
    const auto launched = [&](const Result<Instance>& answer) {
        Fingerprint fingerprint;
        fingerprint.add_launch(operation, answer);
        return fingerprint.value();
    };
    Instance instance;
    instance.id = "i-1";
    const auto small = launched(instance);
    EXPECT_NE(launched(Error{ErrorKind::no_capacity, "none"}), small);
    operation.offering.instance_type = "t3.large";
    EXPECT_NE(launched(instance), small);

    Fingerprint done;
    done.add_termination("i-1", Done{});
    Fingerprint refused;
    refused.add_termination("i-1", Error{ErrorKind::denied, "no right", "UnauthorizedOperation"});
    EXPECT_NE(done.value(), refused.value());
}

}  // namespace
}  // namespace nodenap::sim
