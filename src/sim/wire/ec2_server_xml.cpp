#include "sim/wire/ec2_server_xml.hpp"

#include "base/markup.hpp"
#include "base/time_text.hpp"

#include <fmt/format.h>

namespace nodenap::servers {
namespace {

struct StateName {
    const char* name;
    int code;
};

StateName state_name(InstanceState state) {
    switch (state) {
        case InstanceState::pending:
            return {"pending", 0};
        case InstanceState::running:
            return {"running", 16};
        case InstanceState::shutting_down:
            return {"shutting-down", 32};
        case InstanceState::terminated:
            return {"terminated", 48};
        case InstanceState::stopping:
            return {"stopping", 64};
        case InstanceState::stopped:
            break;
    }
    return {"stopped", 80};
}

std::string element(const char* name, const std::string& text) {
    return fmt::format("<{0}>{1}</{0}>", name, markup_text(text));
}

/// "2026-11-24T13:52:56.000Z": EC2 reports whole seconds.
std::string launch_time(Time time) {
    auto text = time_text(time);
    text.pop_back();
    return text + ".000Z";
}

std::string tag_set(const Tags& tags) {
    std::string set;
    for (const auto& [key, value] : tags) {
        set += "<item>" + element("key", key) + element("value", value) + "</item>";
    }
    return "<tagSet>" + set + "</tagSet>";
}

std::string reason_of(const Instance& instance) {
    if (instance.state_reason.empty()) return "<stateReason><code/><message/></stateReason>";
    return "<stateReason>" + element("code", instance.state_reason) +
           element("message", instance.state_reason + ": it ended") + "</stateReason>";
}

}  // namespace

std::string instance_xml(const sim::Machine& machine, const Tags& tags) {
    const auto& instance = machine.instance;
    const auto state = state_name(instance.state);
    std::string xml = "<item><architecture>x86_64</architecture>";
    if (!machine.request.id.empty()) xml += element("clientToken", machine.request.id);
    if (instance.offering.capacity == Capacity::spot) xml += element("instanceLifecycle", "spot");
    xml += reason_of(instance) + tag_set(tags) + element("instanceId", instance.id);
    xml += element("imageId", "ami-0a1b2c3d4e5f60001");
    xml += fmt::format("<instanceState><code>{}</code><name>{}</name></instanceState>", state.code,
                       state.name);
    xml += "<amiLaunchIndex>0</amiLaunchIndex>";
    xml += element("instanceType", instance.offering.instance_type);
    xml += element("launchTime", launch_time(instance.launched_at));
    xml += "<placement>" + element("availabilityZone", instance.offering.zone) + "</placement>";
    // A terminated instance has no address.
    if (instance.state != InstanceState::terminated) {
        if (!machine.request.subnet.empty()) xml += element("subnetId", machine.request.subnet);
        xml += element("privateIpAddress", instance.private_ip);
    }
    return xml + "</item>";
}

HttpResponse ec2_response(const std::string& operation, const std::string& inner) {
    return {200,
            {{"content-type", "text/xml;charset=UTF-8"}},
            fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{0}Response "
                        "xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15\">{1}"
                        "<requestId>request-id</requestId></{0}Response>",
                        operation, inner)};
}

}  // namespace nodenap::servers
