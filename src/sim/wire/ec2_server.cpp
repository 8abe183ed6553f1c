#include "sim/wire/ec2_server.hpp"

#include "sim/wire/delivery.hpp"
#include "sim/wire/ec2_server_xml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace nodenap::servers {
namespace {

/// EC2 may return fewer than MaxResults; here it does, so that there are several pages.
constexpr std::size_t most_on_a_page = 4;

std::string numbered(const std::string& name, std::size_t number) {
    return fmt::format("{}.{}", name, number);
}

/// The tags of one TagSpecification: "TagSpecification.1.Tag.2.Key".
Tags tags_at(const Form& form, const std::string& specification) {
    Tags tags;
    for (std::size_t i = 1;; ++i) {
        const auto tag = numbered(specification + ".Tag", i);
        const auto key = field(form, tag + ".Key");
        if (key.empty()) return tags;
        tags.emplace_back(key, field(form, tag + ".Value"));
    }
}

Tags instance_tags(const Form& form) {
    for (std::size_t i = 1;; ++i) {
        const auto specification = numbered("TagSpecification", i);
        const auto kind = field(form, specification + ".ResourceType");
        if (kind.empty() || kind == "instance") return tags_at(form, specification);
    }
}

std::string value_of(const Tags& tags, const std::string& key) {
    const auto found =
        std::find_if(tags.begin(), tags.end(), [&](const auto& tag) { return tag.first == key; });
    return found == tags.end() ? std::string() : found->second;
}

bool passes_filters(const Form& form, const Tags& tags) {
    for (std::size_t i = 1;; ++i) {
        const auto name = field(form, numbered("Filter", i) + ".Name");
        if (name.empty()) return true;
        const auto wanted = field(form, numbered("Filter", i) + ".Value.1");
        if (value_of(tags, name.substr(name.find(':') + 1)) != wanted) return false;
    }
}

/// Whether each field starts with one of these; others are not in the requests of Nodenap.
bool has_only(const Form& form, const std::vector<std::string>& beginnings) {
    return std::all_of(form.begin(), form.end(), [&](const auto& entry) {
        return std::any_of(beginnings.begin(), beginnings.end(), [&](const std::string& beginning) {
            return entry.first.starts_with(beginning);
        });
    });
}

bool all_filters_are_of_tags(const Form& form) {
    return std::all_of(form.begin(), form.end(), [](const auto& entry) {
        return !entry.first.ends_with(".Name") || entry.second.starts_with("tag:");
    });
}

Operation operation_of(const Form& form, const Tags& tags) {
    Operation operation;
    operation.id = field(form, "ClientToken");
    const auto epoch = value_of(tags, "nodenap:epoch");
    std::from_chars(epoch.data(), epoch.data() + epoch.size(), operation.epoch);
    operation.offering.pool = value_of(tags, "nodenap:pool");
    operation.offering.instance_type = field(form, "InstanceType");
    const bool spot = field(form, "InstanceMarketOptions.MarketType") == "spot";
    operation.offering.capacity = spot ? Capacity::spot : Capacity::on_demand;
    operation.subnet = field(form, "SubnetId");
    operation.launch_template = field(form, "LaunchTemplate.LaunchTemplateId");
    operation.launch_template_version = field(form, "LaunchTemplate.Version");
    return operation;
}

/// The error's code with EC2's HTTP status.
HttpResponse error_of(const Error& error) {
    const bool is_no_capacity = error.code == "InsufficientInstanceCapacity";
    return ec2_error(is_no_capacity ? 500 : 400, error.code, error.text);
}

std::string reservation(const std::string& id, const std::string& item) {
    return fmt::format(
        "<reservationId>r-{}</reservationId><ownerId>123456789012</ownerId>"
        "<groupSet/><instancesSet>{}</instancesSet>",
        id.substr(2), item);
}

}  // namespace

Delivery Ec2Server::plan(const HttpRequest& request, sim::NetworkLink& link) {
    return to_ec2(world_, link.random, request);
}

Reply Ec2Server::refuse(const std::string& code, const std::string& why) {
    world_.checker.breach("wire", "EC2 does not understand the adapter: " + why);
    return {ec2_error(400, code, why)};
}

Reply Ec2Server::answer(const Arrival& arrival) {
    if (arrival.link.is_signature_refused()) {
        return {ec2_error(400, "RequestExpired", "Request has expired.")};
    }
    const auto form = form_of(arrival.request.body);
    if (field(form, "Version") != "2016-11-15") return refuse("NoSuchVersion", "another version");
    const auto action = field(form, "Action");
    if (action == "DescribeInstances") return describe(form);
    if (action == "RunInstances") return run(arrival, form);
    if (action == "TerminateInstances") return terminate(arrival, form);
    return refuse("InvalidAction", "The action " + action + " is not valid for this web service.");
}

/// The tags of its launch; instances that others tagged have only the cluster's tags.
Tags Ec2Server::tags_of(const sim::Machine& machine) const {
    const auto found = tags_.find(machine.instance.id);
    const auto& cluster = world_.settings.cluster;
    Tags tags = found != tags_.end()
                    ? found->second
                    : Tags{{"ManagedBy", "autoscaler"},
                           {"nodenap:cluster", machine.ours ? cluster : "not-" + cluster}};
    // EC2 adds its own tag.
    const auto& launch_template = machine.instance.launch_template;
    if (!launch_template.empty()) tags.emplace_back("aws:ec2launchtemplate:id", launch_template);
    return tags;
}

Reply Ec2Server::describe(const Form& form) {
    if (!has_only(form, {"Action", "Version", "MaxResults", "NextToken", "Filter."}) ||
        !all_filters_are_of_tags(form)) {
        return refuse("UnknownParameter", "DescribeInstances of another form");
    }
    const auto after = field(form, "NextToken");
    std::string items;
    std::string next;
    std::size_t count = 0;
    const auto& machines = world_.cloud.machines();
    for (std::size_t i = 0; i < machines.size(); ++i) {
        // Tokens continue where the last page ended, even if instances have changed since.
        const auto token = fmt::format("after:{:06}", i);
        if (token < after || !world_.cloud.is_listed(machines[i])) continue;
        const auto tags = tags_of(machines[i]);
        if (machines[i].server && !machines[i].ours) continue;  // it has none of the cluster's tags
        if (!passes_filters(form, tags)) continue;
        if (++count > most_on_a_page) {
            next = "<nextToken>" + token + "</nextToken>";
            break;
        }
        items += "<item>" + reservation(machines[i].instance.id, instance_xml(machines[i], tags)) +
                 "</item>";
    }
    return {
        ec2_response("DescribeInstances", next + "<reservationSet>" + items + "</reservationSet>")};
}

std::string Ec2Server::subnet_zone(const std::string& subnet) const {
    for (const auto& pool : world_.settings.policy.pools) {
        for (const auto& each : pool.subnets) {
            if (each.id == subnet) return each.zone;
        }
    }
    return {};
}

Reply Ec2Server::run(const Arrival& arrival, const Form& form) {
    const bool known = has_only(form, {"Action", "Version", "ClientToken", "MinCount", "MaxCount",
                                       "LaunchTemplate.", "InstanceType", "SubnetId",
                                       "InstanceMarketOptions.", "TagSpecification."}) &&
                       field(form, "MinCount") == "1" && field(form, "MaxCount") == "1";
    if (!known) return refuse("UnknownParameter", "RunInstances of another form");
    const auto tags = instance_tags(form);
    auto operation = operation_of(form, tags);
    operation.offering.zone = subnet_zone(operation.subnet);
    if (operation.offering.zone.empty())
        return refuse("InvalidSubnetID.NotFound", "no such subnet");
    const auto& body = arrival.request.body;
    if (bodies_.try_emplace(operation.id, body).first->second != body) {
        world_.checker.breach("I4", operation.id + " is sent with another body");
    }
    const auto launched = world_.launch(arrival.sender, operation);
    if (!launched) return {error_of(launched.error())};
    tags_.try_emplace(launched->id, tags);
    const auto& machine = *world_.cloud.find(launched->id);
    if (machine.instance.state == InstanceState::terminated) {
        return {ec2_error(
            400, "IdempotentInstanceTerminated",
            "The client token was used for " + launched->id + ", which has been terminated.")};
    }
    return {ec2_response("RunInstances",
                         reservation(launched->id, instance_xml(machine, tags_of(machine))))};
}

Reply Ec2Server::terminate(const Arrival& arrival, const Form& form) {
    const auto id = field(form, "InstanceId.1");
    if (!has_only(form, {"Action", "Version", "InstanceId.1"}) || id.empty()) {
        return refuse("UnknownParameter", "TerminateInstances of another form");
    }
    arrival.link.say("terminates " + id);
    const auto done = world_.terminate(id);
    const auto* machine = world_.cloud.find(id);
    if (machine == nullptr || (!machine->runs() && !world_.cloud.is_listed(*machine))) {
        return {ec2_error(400, "InvalidInstanceID.NotFound",
                          "The instance ID '" + id + "' does not exist")};
    }
    if (!done) {
        return {error_of(done.error()), [this, id] { world_.checker.termination_refused(id); }};
    }
    const auto ended = "<instanceId>" + id +
                       "</instanceId><currentState><code>32</code><name>shutting-down</name>"
                       "</currentState><previousState><code>16</code><name>running</name>"
                       "</previousState>";
    return {ec2_response("TerminateInstances",
                         "<instancesSet><item>" + ended + "</item></instancesSet>")};
}

}  // namespace nodenap::servers
