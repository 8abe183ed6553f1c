#include "sim/wire/ec2_server.hpp"

#include "adapters/aws/ec2_answers.hpp"
#include "adapters/aws/ec2_requests.hpp"
#include "adapters/aws/errors.hpp"
#include "adapters/fixture.hpp"
#include "servers_world.hpp"

#include <gtest/gtest.h>
#include <pugixml.hpp>

#include <set>

namespace nodenap::test {
namespace {

using namespace servers;

using namespace std::chrono_literals;

/// Every path of elements: "/RunInstancesResponse/instancesSet/item/tagSet".
void add_paths(const pugi::xml_node& node, const std::string& above, std::set<std::string>& paths) {
    for (const pugi::xml_node& child : node.children()) {
        if (child.type() != pugi::node_element) continue;
        const auto path = above + "/" + child.name();
        paths.insert(path);
        add_paths(child, path, paths);
    }
}

std::set<std::string> paths_of(const std::string& xml) {
    pugi::xml_document document;
    EXPECT_TRUE(document.load_string(xml.c_str())) << xml;
    std::set<std::string> paths;
    add_paths(document, "", paths);
    return paths;
}

/// What we say must be of the shape of what a peer has said; it may say more.
void expect_within(const std::string& ours, const std::string& recorded) {
    const auto theirs = paths_of(fixture("ec2/" + recorded));
    for (const auto& path : paths_of(ours)) EXPECT_TRUE(theirs.contains(path)) << path;
}

struct Peer : ServersWorld {
    HttpResponse call(const std::string& body) {
        return ask(server, {.method = "POST", .body = body});
    }
    /// An operation that is written down nowhere: only the wire is looked at here.
    Operation operation(int number, Capacity capacity = Capacity::on_demand) const {
        const auto& pool = world.settings.policy.pools.front();
        Operation made;
        made.id = "intent-" + std::to_string(number);
        made.epoch = 7;
        made.offering = {pool.name, "t2.small", "zone-b", capacity};
        made.subnet = "subnet-b";
        made.launch_template = pool.launch_template;
        made.launch_template_version = pool.launch_template_version;
        return made;
    }
    HttpResponse run(const Operation& operation) {
        return call(run_instances_body(operation, "sim"));
    }

    Ec2Server server{world};
};

TEST(Ec2Server, LaunchesTheAdaptersRequests) {
    Peer peer;
    const auto response = peer.run(peer.operation(1, Capacity::spot));
    ASSERT_EQ(response.status, 200) << response.body;
    expect_within(response.body, "run_spot.xml");
    const auto launched = read_launched(response.body);
    ASSERT_TRUE(launched);
    EXPECT_EQ(launched->offering, peer.operation(1, Capacity::spot).offering);
    EXPECT_EQ(launched->operation, "intent-1");
    EXPECT_EQ(launched->epoch, 7);
    EXPECT_EQ(launched->state, InstanceState::pending);
    const auto* machine = peer.world.cloud.launched_by("intent-1");
    ASSERT_NE(machine, nullptr);
    EXPECT_EQ(machine->request.offering, launched->offering);
}

TEST(Ec2Server, OneTokenIsOneInstance) {
    Peer peer;
    const auto first = read_launched(peer.run(peer.operation(1)).body);
    const auto second = read_launched(peer.run(peer.operation(1)).body);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->id, second->id);
    EXPECT_TRUE(peer.is_kept("I4"));

    auto other = peer.operation(1);
    other.offering.instance_type = "t3.small";
    const auto mismatch = peer.run(other);
    expect_within(mismatch.body, "error_mismatch.xml");
    EXPECT_EQ(read_aws_fault(400, mismatch.body).code, "IdempotentParameterMismatch");
    EXPECT_FALSE(peer.is_kept("I4"));

    ASSERT_TRUE(peer.world.cloud.terminate(first->id));
    peer.world.timeline.run_until(sim::world_begins + 1min);
    const auto ended = read_aws_fault(400, peer.run(peer.operation(1)).body);
    EXPECT_EQ(ended.code, "IdempotentInstanceTerminated");
    EXPECT_NE(ended.text.find(first->id), std::string::npos);
}

TEST(Ec2Server, ListsByTagsAndInPages) {
    Peer peer;
    for (int i = 0; i < 10; ++i) peer.run(peer.operation(i));
    sim::Machine foreign;
    foreign.instance.state = InstanceState::running;
    foreign.instance.id = "i-foreign";
    peer.world.cloud.place(foreign);
    std::set<std::string> listed;
    std::string next;
    int pages = 0;
    do {
        const auto response = peer.call(describe_instances_body("sim", next));
        expect_within(response.body, pages == 2 ? "describe.xml" : "describe_first_page.xml");
        const auto page = read_instances(response.body, "sim");
        ASSERT_TRUE(page);
        for (const auto& one : page->instances) listed.insert(one.id);
        next = page->next;
        ++pages;
    } while (!next.empty());
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(listed.size(), 10U);
    EXPECT_FALSE(listed.contains("i-foreign"));
    const auto one =
        read_instances(peer.call(describe_operation_body("sim", "intent-3", "")).body, "sim");
    ASSERT_TRUE(one);
    ASSERT_EQ(one->instances.size(), 1U);
    EXPECT_EQ(one->instances[0].operation, "intent-3");
    EXPECT_TRUE(peer.is_kept("wire"));
}

TEST(Ec2Server, EmptyListIsEmpty) {
    Peer peer;
    expect_within(peer.call(describe_instances_body("sim", "")).body, "describe_none.xml");
}

TEST(Ec2Server, Terminates) {
    Peer peer;
    const auto launched = read_launched(peer.run(peer.operation(1)).body);
    ASSERT_TRUE(launched);
    const auto ended = peer.call(terminate_instances_body(launched->id));
    EXPECT_EQ(ended.status, 200);
    expect_within(ended.body, "terminate.xml");
    peer.world.timeline.run_until(sim::world_begins + 2h);
    const auto forgotten = peer.call(terminate_instances_body(launched->id));
    expect_within(forgotten.body, "error_not_found.xml");
    EXPECT_EQ(read_aws_fault(400, forgotten.body).code, "InvalidInstanceID.NotFound");
}

TEST(Ec2Server, RefusesAsEc2Does) {
    Peer peer;
    sim::Faults faults;
    faults.no_capacity = 1;
    faults.terminate_refused = 1;
    peer.world.set_faults(faults);
    const auto none_left = peer.run(peer.operation(1));
    EXPECT_EQ(none_left.status, 500);
    expect_within(none_left.body, "error_capacity.xml");
    EXPECT_EQ(read_aws_fault(500, none_left.body).code, "InsufficientInstanceCapacity");
    faults.no_capacity = 0;
    peer.world.set_faults(faults);
    const auto launched = read_launched(peer.run(peer.operation(2)).body);
    ASSERT_TRUE(launched);
    const auto kept = peer.call(terminate_instances_body(launched->id));
    EXPECT_EQ(read_aws_fault(400, kept.body).code, "OperationNotPermitted");
}

TEST(Ec2Server, UnknownRequestsAreRefusedAndReported) {
    for (const char* body :
         {"Action=StopInstances&Version=2016-11-15", "Action=DescribeInstances&Version=2011-01-01",
          "Action=DescribeInstances&Version=2016-11-15&Owner=me",
          "Action=TerminateInstances&Version=2016-11-15&InstanceId.1=i-1&InstanceId.2=i-2"}) {
        Peer peer;
        EXPECT_EQ(peer.call(body).status, 400) << body;
        EXPECT_FALSE(peer.is_kept("wire")) << body;
    }
    Peer peer;
    auto lost = peer.operation(1);
    lost.subnet = "subnet-of-nobody";
    EXPECT_EQ(read_aws_fault(400, peer.run(lost).body).code, "InvalidSubnetID.NotFound");
}

}  // namespace
}  // namespace nodenap::test
