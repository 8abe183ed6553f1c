#include "adapters/aws/ec2_requests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Operation operation() {
    Operation made;
    made.id = "0f3c";
    made.epoch = 7;
    made.since = Time(std::chrono::seconds(1'795'464'000));
    made.offering = {"workers", "t3.small", "us-east-1a", Capacity::on_demand};
    made.subnet = "subnet-a";
    made.launch_template = "lt-0abc";
    made.launch_template_version = "3";
    return made;
}

std::string tags_of(int number, const std::string& kind) {
    const std::string name = "&TagSpecification." + std::to_string(number);
    return name + ".ResourceType=" + kind +                                      //
           name + ".Tag.1.Key=ManagedBy" + name + ".Tag.1.Value=autoscaler" +    //
           name + ".Tag.2.Key=nodenap%3Acluster" + name + ".Tag.2.Value=prod" +  //
           name + ".Tag.3.Key=nodenap%3Apool" + name + ".Tag.3.Value=workers" +  //
           name + ".Tag.4.Key=nodenap%3Aintent" + name + ".Tag.4.Value=0f3c" +   //
           name + ".Tag.5.Key=nodenap%3Aepoch" + name + ".Tag.5.Value=7" +       //
           name + ".Tag.6.Key=Name" + name + ".Tag.6.Value=prod-workers";
}

// A launch is settled by sending these bytes again: whoever changes one of them also changes what
// a half-done launch of the version before means to EC2 (IdempotentParameterMismatch).
TEST(Ec2Requests, LaunchBodyIsDeterministic) {
    EXPECT_EQ(run_instances_body(operation(), "prod"),
              "Action=RunInstances&Version=2016-11-15&ClientToken=0f3c&MinCount=1&MaxCount=1"
              "&LaunchTemplate.LaunchTemplateId=lt-0abc&LaunchTemplate.Version=3"
              "&InstanceType=t3.small&SubnetId=subnet-a" +
                  tags_of(1, "instance") + tags_of(2, "volume") + tags_of(3, "network-interface"));
}

TEST(Ec2Requests, SpotLaunchTagsTheSpotRequestToo) {
    Operation spot = operation();
    spot.offering.capacity = Capacity::spot;
    EXPECT_EQ(run_instances_body(spot, "prod"),
              "Action=RunInstances&Version=2016-11-15&ClientToken=0f3c&MinCount=1&MaxCount=1"
              "&LaunchTemplate.LaunchTemplateId=lt-0abc&LaunchTemplate.Version=3"
              "&InstanceType=t3.small&SubnetId=subnet-a"
              "&InstanceMarketOptions.MarketType=spot"
              "&InstanceMarketOptions.SpotOptions.SpotInstanceType=one-time" +
                  tags_of(1, "instance") + tags_of(2, "volume") + tags_of(3, "network-interface") +
                  tags_of(4, "spot-instances-request"));
}

// What the operation says about its own past is no part of the request.
TEST(Ec2Requests, BodyContainsOnlyTheRequest) {
    Operation other = operation();
    other.since += std::chrono::hours(1);
    other.reason = "anything";
    other.offering.zone = "us-east-1b";
    EXPECT_EQ(run_instances_body(other, "prod"), run_instances_body(operation(), "prod"));
}

TEST(Ec2Requests, ValuesAreEncoded) {
    Operation odd = operation();
    odd.offering.pool = "a&b=c d+é~._-";
    EXPECT_THAT(run_instances_body(odd, "prod"), HasSubstr("a%26b%3Dc%20d%2B%C3%A9~._-"));
}

TEST(Ec2Requests, DescribeFiltersByTwoTags) {
    EXPECT_EQ(describe_instances_body("prod", ""),
              "Action=DescribeInstances&Version=2016-11-15&MaxResults=250"
              "&Filter.1.Name=tag%3AManagedBy&Filter.1.Value.1=autoscaler"
              "&Filter.2.Name=tag%3Anodenap%3Acluster&Filter.2.Value.1=prod");
    EXPECT_THAT(describe_instances_body("prod", "a/b="), HasSubstr("&NextToken=a%2Fb%3D&"));
    EXPECT_THAT(describe_operation_body("prod", "0f3c", ""),
                HasSubstr("&Filter.3.Name=tag%3Anodenap%3Aintent&Filter.3.Value.1=0f3c"));
}

TEST(Ec2Requests, TerminateNamesOneInstance) {
    EXPECT_EQ(terminate_instances_body("i-0abc"),
              "Action=TerminateInstances&Version=2016-11-15&InstanceId.1=i-0abc");
}

// The version of a template is always the configured one.
TEST(Ec2Requests, TemplateVersionIsPinned) {
    EXPECT_THAT(run_instances_body(operation(), "prod"), Not(HasSubstr("%24")));
}

TEST(Ec2Form, GrowsFieldByFieldInTheOrderOfTheCalls) {
    Ec2Form form("DescribeSubnets");
    form.add("MaxResults", "5");
    form.add_filter(1, "tag:Name", "a b&c=d");
    form.add_filter(2, "subnet-id", "subnet-a");
    EXPECT_EQ(std::move(form).text(),
              "Action=DescribeSubnets&Version=2016-11-15&MaxResults=5"
              "&Filter.1.Name=tag%3AName&Filter.1.Value.1=a%20b%26c%3Dd"
              "&Filter.2.Name=subnet-id&Filter.2.Value.1=subnet-a");
}

TEST(Ec2Form, NumbersFollowADot) { EXPECT_EQ(numbered("Filter", 12), "Filter.12"); }

}  // namespace
}  // namespace nodenap::test
