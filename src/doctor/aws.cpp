#include "doctor/aws.hpp"

#include "base/time_text.hpp"
#include "doctor/answers.hpp"
#include "doctor/requests.hpp"

namespace nodenap {

namespace {

/// A rehearsal that EC2 lets pass is answered by an error of its own.
Status judged(const Result<HttpResponse>& got) {
    if (!got && got.error().code == "DryRunOperation") return Done{};
    if (!got) return got.error();
    return Error{ErrorKind::invalid, "EC2 treated a dry run as a real request"};
}

/// The middle of the second that a Date header names.
constexpr Milliseconds half_a_second(500);
constexpr int most_pages = 100;

}  // namespace

Result<CredentialsSeen> DoctorAws::credentials() {
    const auto found = parts_.credentials.get(parts_.clock.now());
    if (!found) return found.error();
    return CredentialsSeen{std::string(parts_.credentials.source()), found->expires_at};
}

Result<Time> DoctorAws::aws_time() {
    const HttpRequest request{.url = parts_.aws.endpoint("ec2")};
    const auto got = parts_.http.send(request);
    if (!got) return got.error();
    const auto date = got->headers.find("date");
    const auto time = date == got->headers.end() ? std::nullopt : time_from_http(date->second);
    if (!time) return Error{ErrorKind::unavailable, "the answer has no Date header"};
    return *time + half_a_second;
}

std::vector<Status> DoctorAws::try_launches(const std::vector<Operation>& operations) {
    std::vector<AwsRequest> requests;
    for (const Operation& operation : operations)
        requests.push_back(dry_launch(operation, cluster_));
    std::vector<Status> results;
    for (const auto& got : parts_.aws.call_all(requests)) results.push_back(judged(got));
    return results;
}

Status DoctorAws::try_termination(const std::string& instance_id) {
    return judged(parts_.aws.call(dry_termination(instance_id)));
}

Result<std::vector<SubnetSeen>> DoctorAws::subnets(const std::vector<std::string>& ids) {
    const auto got = parts_.aws.call(describe_subnets(ids));
    if (!got) return got.error();
    return read_subnets(got->body);
}

Result<std::optional<TemplateSeen>> DoctorAws::launch_template(const std::string& id,
                                                               const std::string& version) {
    const auto got = parts_.aws.call(describe_template(id, version));
    if (got) return read_template(got->body);
    // InvalidLaunchTemplateId.NotFound, or …VersionNotFound.
    if (got.error().code.ends_with("NotFound")) return std::optional<TemplateSeen>{};
    return got.error();
}

Result<std::optional<Time>> DoctorAws::parameter_changed_at(const std::string& name) {
    const auto got = parts_.aws.call(describe_parameter(name));
    if (!got) return got.error();
    return read_parameter_time(got->body);
}

Result<std::vector<TypeInZone>> DoctorAws::sold_types(const std::vector<std::string>& types) {
    std::vector<TypeInZone> all;
    std::string next;
    for (int page = 0; page < most_pages; ++page) {
        const auto got = parts_.aws.call(describe_type_offerings(types, next));
        if (!got) return got.error();
        const auto read = read_offerings(got->body);
        if (!read) return read.error();
        all.insert(all.end(), read->sold.begin(), read->sold.end());
        next = read->next;
        if (next.empty()) return all;
    }
    return Error{ErrorKind::unavailable, "ec2 DescribeInstanceTypeOfferings: the pages do not end"};
}

Result<bool> DoctorAws::has_spot_role() {
    const auto got = parts_.aws.call(get_spot_role());
    if (got) return true;
    if (got.error().code.starts_with("NoSuchEntity")) return false;
    return got.error();
}

Result<double> DoctorAws::vcpu_quota(Capacity capacity) {
    const auto got = parts_.aws.call(get_vcpu_quota(capacity));
    if (got) return read_quota(got->body);
    Error error = got.error();
    // Not every region and endpoint has this service: that says nothing about the quota.
    if (error.kind == ErrorKind::invalid) error.kind = ErrorKind::unavailable;
    return error;
}

}  // namespace nodenap
