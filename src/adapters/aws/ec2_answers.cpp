#include "adapters/aws/ec2_answers.hpp"

#include "adapters/aws/ec2_requests.hpp"
#include "base/time_text.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace nodenap {

namespace {

struct StateName {
    std::string_view name;
    InstanceState state;
};
constexpr StateName state_names[] = {
    {"pending", InstanceState::pending},
    {"running", InstanceState::running},
    {"shutting-down", InstanceState::shutting_down},
    {"terminated", InstanceState::terminated},
    {"stopping", InstanceState::stopping},
    {"stopped", InstanceState::stopped},
};

std::string_view text_at(const pugi::xml_node& node, const char* path) {
    return node.first_element_by_path(path).child_value();
}

void take_tags(Instance& instance, const pugi::xml_node& item) {
    for (const pugi::xml_node& tag : item.child("tagSet").children("item")) {
        const std::string_view key = tag.child_value("key");
        const std::string_view value = tag.child_value("value");
        if (key == tag_pool) instance.offering.pool = value;
        if (key == tag_intent) instance.operation = value;
        if (key == tag_launch_template) instance.launch_template = value;
        if (key == tag_epoch) {
            std::from_chars(value.data(), value.data() + value.size(), instance.epoch);
        }
    }
}

bool bears(const pugi::xml_node& item, std::string_view key, std::string_view value) {
    const auto tags = item.child("tagSet").children("item");
    return std::any_of(tags.begin(), tags.end(), [&](const pugi::xml_node& tag) {
        return tag.child_value("key") == key && tag.child_value("value") == value;
    });
}

/// Checked here in addition to EC2's filter, since managed instances may be terminated.
bool is_ours(const pugi::xml_node& item, std::string_view cluster) {
    return bears(item, tag_managed_by, managed_by_us) && bears(item, tag_cluster, cluster);
}

/// Its addresses other than the first private one: IPv6, further interfaces, and the private DNS
/// name.
std::vector<std::string> further_addresses(const pugi::xml_node& item) {
    std::vector<std::string> found;
    const auto take = [&](const pugi::xml_node& from, const char* name) {
        const std::string address = from.child_value(name);
        if (!address.empty()) found.push_back(address);
    };
    take(item, "ipv6Address");
    take(item, "privateDnsName");
    for (const auto& card : item.child("networkInterfaceSet").children("item")) {
        for (const auto& one : card.child("ipv6AddressesSet").children("item"))
            take(one, "ipv6Address");
        for (const auto& one : card.child("privateIpAddressesSet").children("item"))
            take(one, "privateIpAddress");
    }
    return found;
}

std::optional<Instance> read_instance(const pugi::xml_node& item) {
    const auto state =
        std::ranges::find(state_names, text_at(item, "instanceState/name"), &StateName::name);
    const auto launched = time_from_text(text_at(item, "launchTime"));
    Instance instance;
    instance.id = item.child_value("instanceId");
    if (instance.id.empty() || !launched || state == std::end(state_names)) return std::nullopt;
    instance.state = state->state;
    instance.launched_at = *launched;
    instance.offering.instance_type = item.child_value("instanceType");
    instance.offering.zone = text_at(item, "placement/availabilityZone");
    const bool spot = text_at(item, "instanceLifecycle") == "spot";
    instance.offering.capacity = spot ? Capacity::spot : Capacity::on_demand;
    instance.private_ip = item.child_value("privateIpAddress");
    instance.addresses = further_addresses(item);
    instance.state_reason = text_at(item, "stateReason/code");
    take_tags(instance, item);
    return instance;
}

// Every <instancesSet><item> below `node` that `keep` accepts; false if one cannot be read.
template <class Keep>
bool read_set(const pugi::xml_node& node, std::vector<Instance>& found, Keep keep) {
    for (const pugi::xml_node& item : node.child("instancesSet").children("item")) {
        const auto instance = read_instance(item);
        if (!instance) return false;
        if (keep(item)) found.push_back(*instance);
    }
    return true;
}

}  // namespace

Result<Ec2Page> read_instances(const std::string& body, std::string_view cluster) {
    const Error unreadable{ErrorKind::unavailable, "ec2 DescribeInstances: unreadable response"};
    pugi::xml_document document;
    if (!document.load_buffer(body.data(), body.size())) return unreadable;
    const pugi::xml_node root = document.child("DescribeInstancesResponse");
    const pugi::xml_node reservations = root.child("reservationSet");
    if (!reservations) return unreadable;
    Ec2Page page;
    const auto ours = [&](const pugi::xml_node& item) { return is_ours(item, cluster); };
    for (const pugi::xml_node& reservation : reservations.children("item")) {
        if (!read_set(reservation, page.instances, ours)) return unreadable;
    }
    page.next = root.child_value("nextToken");
    return page;
}

Result<Instance> read_launched(const std::string& body) {
    pugi::xml_document document;
    std::vector<Instance> found;
    // It answers our client token, so the instance is managed even if its tags are not visible yet.
    const auto any = [](const pugi::xml_node&) { return true; };
    if (!document.load_buffer(body.data(), body.size()) ||
        !read_set(document.child("RunInstancesResponse"), found, any) || found.size() != 1) {
        return Error{ErrorKind::unknown_outcome, "ec2 RunInstances: unreadable response"};
    }
    return found.front();
}

}  // namespace nodenap
