#include "adapters/aws/ec2_answers.hpp"

#include "adapters/fixture.hpp"
#include "base/time_text.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

// Recorded: an on-demand one that is pending, a spot one that runs, one that is terminated.
TEST(Ec2Responses, InstancesAreReadCompletely) {
    const auto page = read_instances(fixture("ec2/describe.xml"), "shop");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->next, "");
    ASSERT_EQ(page->instances.size(), 3U);
    const Instance& first = page->instances[0];
    EXPECT_EQ(first.offering, (Offering{"workers", "t3.small", "us-east-1a", Capacity::on_demand}));
    EXPECT_EQ(first.state, InstanceState::pending);
    EXPECT_EQ(first.operation, "intent-1");
    EXPECT_EQ(first.epoch, 7);
    EXPECT_EQ(first.private_ip, "10.0.1.5");
    EXPECT_EQ(time_text(first.launched_at), "2026-11-24T13:52:56Z");
    EXPECT_EQ(page->instances[1].offering.capacity, Capacity::spot);
    EXPECT_EQ(page->instances[1].offering.zone, "us-east-1b");
    EXPECT_EQ(page->instances[1].state, InstanceState::running);
    EXPECT_EQ(page->instances[2].state, InstanceState::terminated);
    EXPECT_EQ(page->instances[2].state_reason, "Client.UserInitiatedShutdown");
    EXPECT_EQ(first.state_reason, "");
    EXPECT_EQ(first.launch_template, "lt-4966e4fe3f0be9d9a") << "by EC2's own tag";
}

TEST(Ec2Responses, NoneIsAnEmptyList) {
    const auto page = read_instances(fixture("ec2/describe_none.xml"), "shop");
    ASSERT_TRUE(page);
    EXPECT_TRUE(page->instances.empty());
}

TEST(Ec2Responses, FirstPageNamesTheNext) {
    const auto page = read_instances(fixture("ec2/describe_first_page.xml"), "shop");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->instances.size(), 1U);
    EXPECT_FALSE(page->next.empty());
}

TEST(Ec2Responses, LaunchIsRead) {
    const auto on_demand = read_launched(fixture("ec2/run_on_demand.xml"));
    ASSERT_TRUE(on_demand);
    EXPECT_EQ(on_demand->state, InstanceState::pending);
    EXPECT_EQ(on_demand->operation, "intent-1");
    const auto spot = read_launched(fixture("ec2/run_spot.xml"));
    ASSERT_TRUE(spot);
    EXPECT_EQ(spot->offering.capacity, Capacity::spot);
}

std::string page_with(const std::string& instance) {
    return "<DescribeInstancesResponse><reservationSet><item><instancesSet><item>" + instance +
           "</item></instancesSet></item></reservationSet></DescribeInstancesResponse>";
}

std::string instance_in(const std::string& state, const std::string& more = {}) {
    return "<instanceId>i-0abc</instanceId><launchTime>2026-11-24T13:52:56.000Z</launchTime>"
           "<instanceState><name>" +
           state + "</name></instanceState>" + more;
}

std::string tags(const std::string& manager, const std::string& cluster,
                 const std::string& more = {}) {
    return "<tagSet><item><key>ManagedBy</key><value>" + manager +
           "</value></item><item><key>nodenap:cluster</key><value>" + cluster + "</value></item>" +
           more + "</tagSet>";
}

TEST(Ec2Responses, LaunchTemplateIsOnlyFromEc2sTag) {
    const auto more = "<item><key>ec2launchtemplate:id</key><value>lt-0abc</value></item>";
    const auto page =
        read_instances(page_with(instance_in("running", tags("autoscaler", "shop", more))), "shop");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->instances.at(0).launch_template, "");
}

TEST(Ec2Responses, EveryAddressOfAnInstanceIsRead) {
    const auto page = read_instances(
        page_with(instance_in("running",
                              "<privateIpAddress>10.0.1.5</privateIpAddress>"
                              "<privateDnsName>ip-10-0-1-5.ec2.internal</privateDnsName>"
                              "<networkInterfaceSet><item><ipv6AddressesSet><item>"
                              "<ipv6Address>2600:1f14::b</ipv6Address></item></ipv6AddressesSet>"
                              "</item></networkInterfaceSet>" +
                                  tags("autoscaler", "shop"))),
        "shop");
    ASSERT_TRUE(page);
    ASSERT_EQ(page->instances.size(), 1U);
    EXPECT_EQ(page->instances[0].addresses,
              (std::vector<std::string>{"ip-10-0-1-5.ec2.internal", "2600:1f14::b"}));
}

TEST(Ec2Responses, EveryStateIsKnown) {
    struct Row {
        std::string name;
        InstanceState state;
    };
    for (const Row& row :
         {Row{"pending", InstanceState::pending}, Row{"running", InstanceState::running},
          Row{"shutting-down", InstanceState::shutting_down},
          Row{"terminated", InstanceState::terminated}, Row{"stopping", InstanceState::stopping},
          Row{"stopped", InstanceState::stopped}}) {
        const auto page =
            read_instances(page_with(instance_in(row.name, tags("autoscaler", "shop"))), "shop");
        ASSERT_TRUE(page) << row.name;
        EXPECT_EQ(page->instances.at(0).state, row.state);
    }
}

TEST(Ec2Responses, ForeignTagsAndInvalidEpochAreTolerated) {
    const auto more =
        "<item><key>nodenap:epoch</key><value>x</value></item>"
        "<item><key>team</key><value>a</value></item>";
    const auto page =
        read_instances(page_with(instance_in("running", tags("autoscaler", "shop", more))), "shop");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->instances.at(0).epoch, 0);
    EXPECT_EQ(page->instances.at(0).offering.pool, "");
}

// A peer that ignores the filter, or a fault in it, must not make other people's instances ours.
TEST(Ec2Responses, InstancesWithoutBothTagsAreSkipped) {
    const std::string only_cluster =
        "<tagSet><item><key>nodenap:cluster</key><value>shop</value></item></tagSet>";
    for (const std::string& bears :
         {std::string(), std::string("<tagSet/>"), only_cluster, tags("autoscaler", "other"),
          tags("autoscaler", "shop-2"), tags("terraform", "shop"), tags("", "shop")}) {
        const auto page = read_instances(page_with(instance_in("running", bears)), "shop");
        ASSERT_TRUE(page) << bears;
        EXPECT_TRUE(page->instances.empty()) << bears;
    }
    const auto other = read_instances(fixture("ec2/describe.xml"), "prod");
    ASSERT_TRUE(other);
    EXPECT_TRUE(other->instances.empty());
}

TEST(Ec2Responses, UnreadableResponsesAreErrors) {
    const std::string whole = fixture("ec2/describe.xml");
    for (const std::string& body :
         {std::string(), std::string("{}"), std::string("<html></html>"),
          std::string("<DescribeInstancesResponse/>"), whole.substr(0, whole.size() / 2),
          fixture("ec2/error_page.html"), page_with(instance_in("asleep")), page_with(""),
          page_with("<instanceId>i-0abc</instanceId>")}) {
        const auto page = read_instances(body, "shop");
        ASSERT_FALSE(page) << body.substr(0, 80);
        EXPECT_EQ(page.error().kind, ErrorKind::unavailable);
    }
}

TEST(Ec2Responses, CutAnywhereIsNeverASmallerFleet) {
    const std::string whole = fixture("ec2/describe.xml");
    const std::size_t end = whole.find_last_of('>');
    for (std::size_t length = 0; length < end; ++length) {
        EXPECT_FALSE(read_instances(whole.substr(0, length), "shop")) << length;
    }
}

TEST(Ec2Responses, UnreadableLaunchIsUnknown) {
    for (const std::string& body :
         {std::string(), std::string("<RunInstancesResponse/>"), fixture("ec2/describe.xml")}) {
        const auto launched = read_launched(body);
        ASSERT_FALSE(launched);
        EXPECT_EQ(launched.error().kind, ErrorKind::unknown_outcome);
    }
}

}  // namespace
}  // namespace nodenap::test
