#include "doctor/requests.hpp"

#include "adapters/aws/ec2_requests.hpp"

#include <nlohmann/json.hpp>

namespace nodenap {

namespace {

using nlohmann::ordered_json;

AwsRequest request(std::string service, std::string operation, std::string body) {
    return {std::move(service), std::move(operation), std::move(body), Again::reads};
}

std::string text_of(const ordered_json& body) {
    return body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

AwsRequest dry_launch(const Operation& operation, const std::string& cluster) {
    return request("ec2", "RunInstances", run_instances_body(operation, cluster) + "&DryRun=true");
}

AwsRequest dry_termination(const std::string& instance_id) {
    return request("ec2", "TerminateInstances",
                   terminate_instances_body(instance_id) + "&DryRun=true");
}

AwsRequest describe_subnets(const std::vector<std::string>& ids) {
    Ec2Form form("DescribeSubnets");
    form.add("Filter.1.Name", "subnet-id");
    for (std::size_t at = 0; at < ids.size(); ++at) {
        form.add(numbered("Filter.1.Value", at + 1), ids[at]);
    }
    return request("ec2", "DescribeSubnets", std::move(form).text());
}

AwsRequest describe_template(const std::string& id, const std::string& version) {
    Ec2Form form("DescribeLaunchTemplateVersions");
    form.add("LaunchTemplateId", id);
    form.add("LaunchTemplateVersion.1", version);
    return request("ec2", "DescribeLaunchTemplateVersions", std::move(form).text());
}

AwsRequest describe_type_offerings(const std::vector<std::string>& types, const std::string& next) {
    Ec2Form form("DescribeInstanceTypeOfferings");
    form.add("LocationType", "availability-zone");
    form.add("Filter.1.Name", "instance-type");
    for (std::size_t at = 0; at < types.size(); ++at) {
        form.add(numbered("Filter.1.Value", at + 1), types[at]);
    }
    if (!next.empty()) form.add("NextToken", next);
    return request("ec2", "DescribeInstanceTypeOfferings", std::move(form).text());
}

AwsRequest get_spot_role() {
    return request("iam", "GetRole",
                   "Action=GetRole&Version=2010-05-08&RoleName=AWSServiceRoleForEC2Spot");
}

AwsRequest describe_parameter(const std::string& name) {
    const ordered_json filter = {
        {"Key", "Name"}, {"Option", "Equals"}, {"Values", ordered_json::array({name})}};
    return request("ssm", "DescribeParameters",
                   text_of({{"ParameterFilters", ordered_json::array({filter})}}));
}

AwsRequest get_vcpu_quota(Capacity capacity) {
    // "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", and the same on spot.
    const char* code = capacity == Capacity::spot ? "L-34B43A08" : "L-1216C47A";
    return request("servicequotas", "GetServiceQuota",
                   text_of({{"ServiceCode", "ec2"}, {"QuotaCode", code}}));
}

}  // namespace nodenap
