#include "adapters/ec2_requests.hpp"

#include "adapters/percent.hpp"

#include <array>
#include <utility>

namespace nodenap {

namespace {

// A form that grows field by field.
class Form {
public:
    explicit Form(std::string_view action) {
        add("Action", action);
        add("Version", "2016-11-15");
    }
    void add(std::string_view name, std::string_view value) {
        if (!text_.empty()) text_ += '&';
        text_ += percent_encoded(name) + '=' + percent_encoded(value);
    }
    std::string text() && { return std::move(text_); }

private:
    std::string text_;
};

std::string numbered(std::string_view name, std::size_t number) {
    return std::string(name) + "." + std::to_string(number);
}

// EC2 can tag at launch what it makes at launch; IAM then allows nothing that bears no tag.
void add_tags(Form& form, const Intent& intent, const std::string& cluster) {
    const std::array<std::pair<std::string_view, std::string>, 6> tags = {{
        {tag_managed_by, std::string(managed_by_us)},
        {tag_cluster, cluster},
        {tag_pool, intent.offer.pool},
        {tag_intent, intent.id},
        {tag_epoch, std::to_string(intent.epoch)},
        {"Name", cluster + "-" + intent.offer.pool},
    }};
    std::vector<std::string_view> kinds = {"instance", "volume", "network-interface"};
    if (intent.offer.capacity == Capacity::spot) kinds.push_back("spot-instances-request");
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

void add_filter(Form& form, std::size_t number, std::string_view tag, std::string_view value) {
    const std::string filter = numbered("Filter", number);
    form.add(filter + ".Name", "tag:" + std::string(tag));
    form.add(filter + ".Value.1", value);
}

Form describe(const std::string& cluster, const std::string& next) {
    Form form("DescribeInstances");
    form.add("MaxResults", "1000");
    if (!next.empty()) form.add("NextToken", next);
    add_filter(form, 1, tag_managed_by, managed_by_us);
    add_filter(form, 2, tag_cluster, cluster);
    return form;
}

}  // namespace

std::string run_instances_body(const Intent& intent, const std::string& cluster) {
    Form form("RunInstances");
    form.add("ClientToken", intent.id);
    form.add("MinCount", "1");
    form.add("MaxCount", "1");
    form.add("LaunchTemplate.LaunchTemplateId", intent.launch_template);
    form.add("LaunchTemplate.Version", intent.launch_template_version);
    form.add("InstanceType", intent.offer.instance_type);
    form.add("SubnetId", intent.subnet);
    if (intent.offer.capacity == Capacity::spot) {
        form.add("InstanceMarketOptions.MarketType", "spot");
        form.add("InstanceMarketOptions.SpotOptions.SpotInstanceType", "one-time");
    }
    add_tags(form, intent, cluster);
    return std::move(form).text();
}

std::string terminate_instances_body(const std::string& instance_id) {
    Form form("TerminateInstances");
    form.add("InstanceId.1", instance_id);
    return std::move(form).text();
}

std::string describe_ours_body(const std::string& cluster, const std::string& next) {
    return describe(cluster, next).text();
}

std::string describe_intent_body(const std::string& cluster, const std::string& intent_id,
                                 const std::string& next) {
    Form form = describe(cluster, next);
    add_filter(form, 3, tag_intent, intent_id);
    return std::move(form).text();
}

}  // namespace nodenap
