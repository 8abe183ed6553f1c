#include "doctor/answers.hpp"

#include <simdjson.h>
#include <pugixml.hpp>

#include <charconv>
#include <cmath>

namespace nodenap {

namespace {

constexpr double year_10000 = 253402300800;

Error unreadable(const char* call) {
    return {ErrorKind::unavailable, std::string(call) + ": unreadable answer"};
}

std::string text_at(const pugi::xml_node& node, const char* path) {
    return node.first_element_by_path(path).child_value();
}

std::optional<SubnetSeen> read_subnet(const pugi::xml_node& item) {
    SubnetSeen seen{text_at(item, "subnetId"), text_at(item, "availabilityZone"),
                    text_at(item, "state")};
    const std::string free = text_at(item, "availableIpAddressCount");
    const auto read = std::from_chars(free.data(), free.data() + free.size(), seen.free_addresses);
    if (seen.id.empty() || seen.zone.empty() || read.ec != std::errc()) return std::nullopt;
    return seen;
}

}  // namespace

Result<std::vector<SubnetSeen>> read_subnets(const std::string& body) {
    pugi::xml_document document;
    if (!document.load_buffer(body.data(), body.size())) return unreadable("ec2 DescribeSubnets");
    const pugi::xml_node set = document.child("DescribeSubnetsResponse").child("subnetSet");
    if (!set) return unreadable("ec2 DescribeSubnets");
    std::vector<SubnetSeen> subnets;
    for (const pugi::xml_node& item : set.children("item")) {
        auto subnet = read_subnet(item);
        if (!subnet) return unreadable("ec2 DescribeSubnets");
        subnets.push_back(std::move(*subnet));
    }
    return subnets;
}

Result<std::optional<TemplateSeen>> read_template(const std::string& body) {
    const char* call = "ec2 DescribeLaunchTemplateVersions";
    pugi::xml_document document;
    if (!document.load_buffer(body.data(), body.size())) return unreadable(call);
    const pugi::xml_node set =
        document.child("DescribeLaunchTemplateVersionsResponse").child("launchTemplateVersionSet");
    if (!set) return unreadable(call);
    const pugi::xml_node data = set.child("item").child("launchTemplateData");
    if (!data) return std::optional<TemplateSeen>{};
    TemplateSeen seen;
    seen.image = text_at(data, "imageId");
    seen.instance_profile = text_at(data, "iamInstanceProfile/arn");
    if (seen.instance_profile.empty()) {
        seen.instance_profile = text_at(data, "iamInstanceProfile/name");
    }
    seen.imds_v2_only = text_at(data, "metadataOptions/httpTokens") == "required";
    seen.cpu_credits = text_at(data, "creditSpecification/cpuCredits");
    seen.own_network_interface = static_cast<bool>(data.child("networkInterfaceSet").child("item"));
    return std::optional<TemplateSeen>(seen);
}

Result<std::optional<Time>> read_parameter_time(const std::string& body) {
    simdjson::dom::parser parser;
    simdjson::dom::array parameters;
    if (parser.parse(body)["Parameters"].get(parameters) != simdjson::SUCCESS) {
        return unreadable("ssm DescribeParameters");
    }
    for (const simdjson::dom::element& parameter : parameters) {
        double seconds = 0;
        const bool read = parameter["LastModifiedDate"].get(seconds) == simdjson::SUCCESS;
        if (!read || seconds < 0 || seconds >= year_10000) {
            return unreadable("ssm DescribeParameters");
        }
        return std::optional<Time>(Time(Milliseconds(std::llround(seconds * 1000))));
    }
    return std::optional<Time>{};
}

Result<OfferingsPage> read_offerings(const std::string& body) {
    const char* call = "ec2 DescribeInstanceTypeOfferings";
    pugi::xml_document document;
    if (!document.load_buffer(body.data(), body.size())) return unreadable(call);
    const pugi::xml_node answer = document.child("DescribeInstanceTypeOfferingsResponse");
    const pugi::xml_node set = answer.child("instanceTypeOfferingSet");
    if (!set) return unreadable(call);
    OfferingsPage page{{}, answer.child_value("nextToken")};
    for (const pugi::xml_node& item : set.children("item")) {
        page.sold.push_back({item.child_value("instanceType"), item.child_value("location")});
        if (page.sold.back().type.empty() || page.sold.back().zone.empty()) return unreadable(call);
    }
    return page;
}

Result<double> read_quota(const std::string& body) {
    simdjson::dom::parser parser;
    double value = 0;
    if (parser.parse(body)["Quota"]["Value"].get(value) != simdjson::SUCCESS) {
        return unreadable("servicequotas GetServiceQuota");
    }
    return value;
}

}  // namespace nodenap
