#include "adapters/aws/ec2_manager.hpp"

#include "adapters/aws/ec2_requests.hpp"
#include "adapters/fake_aws.hpp"
#include "adapters/fixture.hpp"
#include "controller/error_codes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>

namespace nodenap::test {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

Operation operation(const std::string& id) {
    Operation made;
    made.id = id;
    made.epoch = 7;
    made.since = fake_start;
    made.offering = {"workers", "t3.small", "us-east-1a", Capacity::on_demand};
    made.subnet = "subnet-a";
    made.launch_template = "lt-0abc";
    made.launch_template_version = "3";
    return made;
}

std::string error_xml(const std::string& code, const std::string& text = "said so") {
    return "<Response><Errors><Error><Code>" + code + "</Code><Message>" + text +
           "</Message></Error></Errors></Response>";
}

std::string tag(std::string_view key, const std::string& value) {
    return "<item><key>" + std::string(key) + "</key><value>" + value + "</value></item>";
}

/// An instance of the cluster "prod", launched for the operation "a".
std::string instance(const std::string& id, const std::string& state,
                     const std::string& cluster = "prod", const std::string& operation = "a") {
    return "<item><instancesSet><item><instanceId>" + id +
           "</instanceId><launchTime>2026-11-24T13:52:56.000Z</launchTime><instanceState><name>" +
           state + "</name></instanceState><tagSet>" + tag(tag_managed_by, "autoscaler") +
           tag(tag_cluster, cluster) + tag(tag_intent, operation) +
           "</tagSet></item></instancesSet></item>";
}

std::string page(const std::string& instances, const std::string& next = {}) {
    return "<DescribeInstancesResponse><reservationSet>" + instances +
           "</reservationSet><nextToken>" + next + "</nextToken></DescribeInstancesResponse>";
}

std::string described(const std::string& id, const std::string& state,
                      const std::string& next = {}) {
    return page(instance(id, state), next);
}

// --- list ---------------------------------------------------------------------------------------

TEST(Ec2Manager, ListsEveryPageAndEachInstanceOnce) {
    FakeAws aws;
    aws.then(200, described("i-2", "running", "page 2"));
    aws.then(200, described("i-1", "terminated", "page 3"));
    aws.then(200, described("i-2", "running"));
    Ec2Manager ec2(aws.client, "prod");
    const auto got = ec2.list();
    ASSERT_TRUE(got) << got.error().text;
    ASSERT_EQ(got->size(), 2U);
    EXPECT_EQ((*got)[0].id, "i-1");
    EXPECT_EQ((*got)[0].state, InstanceState::terminated);
    EXPECT_EQ((*got)[1].id, "i-2");
    EXPECT_EQ(aws.bodies()[0], describe_instances_body("prod", ""));
    EXPECT_EQ(aws.bodies()[1], describe_instances_body("prod", "page 2"));
    EXPECT_EQ(aws.bodies()[2], describe_instances_body("prod", "page 3"));
}

// An empty page with a token is not the end: EC2 documents it.
TEST(Ec2Manager, EmptyPageWithATokenIsNotTheEnd) {
    FakeAws aws;
    aws.then(200,
             "<DescribeInstancesResponse><reservationSet/><nextToken>2</nextToken>"
             "</DescribeInstancesResponse>");
    aws.then(200, described("i-1", "running"));
    EXPECT_EQ(Ec2Manager(aws.client, "prod").list()->size(), 1U);
}

TEST(Ec2Manager, FiltersForeignInstancesItself) {
    FakeAws aws;
    aws.then(200, page(instance("i-1", "running") + instance("i-2", "running", "other")));
    const auto got = Ec2Manager(aws.client, "prod").list();
    ASSERT_TRUE(got) << got.error().text;
    ASSERT_EQ(got->size(), 1U);
    EXPECT_EQ(got->front().id, "i-1");
}

TEST(Ec2Manager, IncompleteListIsAnError) {
    FakeAws aws;
    aws.then(200, described("i-1", "running", "more"));
    for (int i = 0; i < 9; ++i) aws.then(500, fixture("ec2/error_page.html"));
    const auto got = Ec2Manager(aws.client, "prod").list();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
}

TEST(Ec2Manager, PagesWithoutEndAreAnError) {
    FakeAws aws;
    aws.by_rule = [](const FakeRequest&) {
        return FakeReply{answer(200, described("i-1", "running", "again"))};
    };
    EXPECT_FALSE(Ec2Manager(aws.client, "prod").list());
    EXPECT_EQ(aws.calls(), 100U);
}

// --- launch -------------------------------------------------------------------------------------

TEST(Ec2Manager, LaunchesInParallelWithOneRequestPerOperation) {
    FakeAws aws;
    std::latch all_here(3);
    aws.by_rule = [&](const FakeRequest& request) {
        all_here.arrive_and_wait();
        const bool second = request.body.find("ClientToken=b&") != std::string::npos;
        if (second) return FakeReply{answer(500, error_xml("InsufficientInstanceCapacity"))};
        return FakeReply{answer(200, fixture("ec2/run_on_demand.xml"))};
    };
    const auto got =
        Ec2Manager(aws.client, "prod").launch({operation("a"), operation("b"), operation("c")});
    ASSERT_EQ(got.size(), 3U);
    EXPECT_TRUE(got[0]);
    ASSERT_FALSE(got[1]);
    EXPECT_EQ(got[1].error().kind, ErrorKind::no_capacity);
    EXPECT_EQ(got[1].error().code, "InsufficientInstanceCapacity");
    EXPECT_TRUE(got[2]);
    EXPECT_EQ(aws.calls(),
              3U);  // no capacity is not tried again: the next offering is another's job
}

TEST(Ec2Manager, LostResponseIsRetriedWithTheSameBody) {
    FakeAws aws;
    aws.then_silence();
    aws.then(503, fixture("ec2/error_page.html"));
    aws.then(200, fixture("ec2/run_on_demand.xml"));
    const auto got = Ec2Manager(aws.client, "prod").launch({operation("a")});
    ASSERT_TRUE(got[0]);
    EXPECT_EQ(aws.calls(), 3U);
    EXPECT_THAT(aws.bodies(), Each(run_instances_body(operation("a"), "prod")));
}

TEST(Ec2Manager, NoResponseIsUnknown) {
    FakeAws aws;
    for (int i = 0; i < 9; ++i) aws.then_silence();
    const auto got = Ec2Manager(aws.client, "prod").launch({operation("a")});
    EXPECT_EQ(got[0].error().kind, ErrorKind::unknown_outcome);
}

TEST(Ec2Manager, UnsupportedOfferingIsReported) {
    FakeAws aws;
    aws.then(400, error_xml("Unsupported"));
    const auto got = Ec2Manager(aws.client, "prod").launch({operation("a")});
    EXPECT_EQ(got[0].error().kind, ErrorKind::no_capacity);
    EXPECT_EQ(got[0].error().code, "Unsupported");
}

TEST(Ec2Manager, NewInstanceProfileIsRetriedOnce) {
    FakeAws aws;
    for (int i = 0; i < 9; ++i) {
        aws.then(400, error_xml("InvalidParameterValue", "Invalid IAM Instance Profile name"));
    }
    const auto got = Ec2Manager(aws.client, "prod").launch({operation("a")});
    EXPECT_EQ(got[0].error().kind, ErrorKind::invalid);
    EXPECT_EQ(aws.calls(), 2U);
}

TEST(Ec2Manager, ResponseWithoutTagsIsCompletedFromTheOperation) {
    FakeAws aws;
    aws.then(200,
             "<RunInstancesResponse><instancesSet><item><instanceId>i-0abc</instanceId>"
             "<launchTime>2026-11-24T13:52:56.000Z</launchTime><instanceState><name>pending"
             "</name></instanceState><instanceType>t3.small</instanceType></item>"
             "</instancesSet></RunInstancesResponse>");
    const auto got = Ec2Manager(aws.client, "prod").launch({operation("a")});
    ASSERT_TRUE(got[0]);
    EXPECT_EQ(got[0]->offering, operation("a").offering);
    EXPECT_EQ(got[0]->operation, "a");
    EXPECT_EQ(got[0]->epoch, 7);
}

TEST(Ec2Manager, TokenOfATerminatedInstanceReturnsItTerminated) {
    FakeAws aws;
    aws.then(400, error_xml("IdempotentInstanceTerminated", "the instance i-0abcdef12345 is gone"));
    aws.then(200, fixture("ec2/describe_none.xml"));
    const auto got = Ec2Manager(aws.client, "prod").launch({operation("a")});
    ASSERT_TRUE(got[0]) << got[0].error().text;
    EXPECT_EQ(got[0]->state, InstanceState::terminated);
    EXPECT_EQ(got[0]->id, "i-0abcdef12345");
    EXPECT_EQ(got[0]->operation, "a");
}

TEST(Ec2Manager, MismatchedTokenAdoptsTheInstanceWithTheOperationTag) {
    FakeAws aws;
    aws.then(400, fixture("ec2/error_mismatch.xml"));
    aws.then(200, described("i-0abc", "running"));
    const auto got = Ec2Manager(aws.client, "prod").launch({operation("a")});
    ASSERT_TRUE(got[0]);
    EXPECT_EQ(got[0]->id, "i-0abc");
    EXPECT_EQ(aws.bodies()[1], describe_operation_body("prod", "a", ""));
}

TEST(Ec2Manager, MismatchedTokenAdoptsNoInstanceOfAnotherOperation) {
    FakeAws aws;
    aws.then(400, fixture("ec2/error_mismatch.xml"));
    aws.then(200, page(instance("i-0abc", "running", "prod", "b")));
    const auto got = Ec2Manager(aws.client, "prod").launch({operation("a")});
    ASSERT_FALSE(got[0]);
    EXPECT_EQ(got[0].error().kind, ErrorKind::conflict);
}

TEST(Ec2Manager, MismatchedTokenWithoutAnInstanceIsAConflict) {
    FakeAws aws;
    aws.then(400, fixture("ec2/error_mismatch.xml"));
    aws.then(200, fixture("ec2/describe_none.xml"));
    const auto got = Ec2Manager(aws.client, "prod").launch({operation("a")});
    ASSERT_FALSE(got[0]);
    EXPECT_EQ(got[0].error().kind, ErrorKind::conflict);
    EXPECT_EQ(got[0].error().code, "IdempotentParameterMismatch");
}

TEST(Ec2Manager, NothingToLaunchSendsNoRequest) {
    FakeAws aws;
    EXPECT_TRUE(Ec2Manager(aws.client, "prod").launch({}).empty());
    EXPECT_TRUE(Ec2Manager(aws.client, "prod").terminate({}).empty());
    EXPECT_EQ(aws.calls(), 0U);
}

// --- terminate ----------------------------------------------------------------------------------

TEST(Ec2Manager, TerminatesOneIdPerCallAndReportsUnknownIds) {
    FakeAws aws;
    aws.by_rule = [](const FakeRequest& request) {
        const auto names = [&](const char* id) { return request.body.ends_with(id); };
        if (names("i-gone")) return FakeReply{answer(400, fixture("ec2/error_not_found.xml"))};
        if (names("i-kept")) return FakeReply{answer(400, error_xml("OperationNotPermitted"))};
        if (names("i-denied")) return FakeReply{answer(403, error_xml("UnauthorizedOperation"))};
        return FakeReply{answer(200, fixture("ec2/terminate.xml"))};
    };
    const auto got =
        Ec2Manager(aws.client, "prod").terminate({"i-1", "i-gone", "i-kept", "i-denied"});
    ASSERT_EQ(got.size(), 4U);
    EXPECT_TRUE(got[0]);
    ASSERT_FALSE(got[1]) << "gone, or too new for this answer: the one who asks knows its age";
    EXPECT_EQ(got[1].error().code, no_such_instance);
    EXPECT_EQ(got[2].error().kind, ErrorKind::denied);
    EXPECT_THAT(got[2].error().text, HasSubstr("termination protection"));
    EXPECT_EQ(got[3].error().kind, ErrorKind::denied);
    EXPECT_EQ(aws.calls(), 4U);
}

}  // namespace
}  // namespace nodenap::test
