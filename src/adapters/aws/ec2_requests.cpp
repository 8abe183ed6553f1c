#include "adapters/aws/ec2_requests.hpp"

#include "base/percent.hpp"

#include <array>
#include <utility>

namespace nodenap {

Ec2Form::Ec2Form(std::string_view action) {
    add("Action", action);
    add("Version", "2016-11-15");
}

void Ec2Form::add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_ += '&';
    text_ += percent_encoded(name) + '=' + percent_encoded(value);
}

void Ec2Form::add_filter(std::size_t number, std::string_view name, std::string_view value) {
    const std::string filter = numbered("Filter", number);
    add(filter + ".Name", name);
    add(filter + ".Value.1", value);
}

std::string numbered(std::string_view name, std::size_t number) {
    return std::string(name) + "." + std::to_string(number);
}

namespace {

// EC2 tags the resources it creates at launch, so that IAM can deny untagged ones.
void add_tags(Ec2Form& form, const Operation& operation, const std::string& cluster) {
    const std::array<std::pair<std::string_view, std::string>, 6> tags = {{
        {tag_managed_by, std::string(managed_by_us)},
        {tag_cluster, cluster},
        {tag_pool, operation.offering.pool},
        {tag_intent, operation.id},
        {tag_epoch, std::to_string(operation.epoch)},
        {"Name", cluster + "-" + operation.offering.pool},
    }};
    std::vector<std::string_view> kinds = {"instance", "volume", "network-interface"};
    if (operation.offering.capacity == Capacity::spot) kinds.push_back("spot-instances-request");
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
        const std::string specification = numbered("TagSpecification", kind + 1);
        form.add(specification + ".ResourceType", kinds[kind]);
        for (std::size_t tag = 0; tag < tags.size(); ++tag) {
            const std::string name = numbered(specification + ".Tag", tag + 1);
            form.add(name + ".Key", tags[tag].first);
            form.add(name + ".Value", tags[tag].second);
        }
    }
}

std::string tag_filter(std::string_view tag) { return "tag:" + std::string(tag); }

// EC2 describes an instance in 5 to 10 KB, and a response may have 4 MiB.
constexpr std::string_view instances_a_page = "250";

Ec2Form describe(const std::string& cluster, const std::string& next) {
    Ec2Form form("DescribeInstances");
    form.add("MaxResults", instances_a_page);
    if (!next.empty()) form.add("NextToken", next);
    form.add_filter(1, tag_filter(tag_managed_by), managed_by_us);
    form.add_filter(2, tag_filter(tag_cluster), cluster);
    return form;
}

}  // namespace

std::string run_instances_body(const Operation& operation, const std::string& cluster) {
    Ec2Form form("RunInstances");
    form.add("ClientToken", operation.id);
    form.add("MinCount", "1");
    form.add("MaxCount", "1");
    form.add("LaunchTemplate.LaunchTemplateId", operation.launch_template);
    form.add("LaunchTemplate.Version", operation.launch_template_version);
    form.add("InstanceType", operation.offering.instance_type);
    form.add("SubnetId", operation.subnet);
    if (operation.offering.capacity == Capacity::spot) {
        form.add("InstanceMarketOptions.MarketType", "spot");
        form.add("InstanceMarketOptions.SpotOptions.SpotInstanceType", "one-time");
    }
    add_tags(form, operation, cluster);
    return std::move(form).text();
}

std::string terminate_instances_body(const std::string& instance_id) {
    Ec2Form form("TerminateInstances");
    form.add("InstanceId.1", instance_id);
    return std::move(form).text();
}

std::string describe_instances_body(const std::string& cluster, const std::string& next) {
    return describe(cluster, next).text();
}

std::string describe_operation_body(const std::string& cluster, const std::string& operation_id,
                                    const std::string& next) {
    Ec2Form form = describe(cluster, next);
    form.add_filter(3, tag_filter(tag_intent), operation_id);
    return std::move(form).text();
}

}  // namespace nodenap
