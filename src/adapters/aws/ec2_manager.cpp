#include "adapters/aws/ec2_manager.hpp"

#include "adapters/aws/ec2_answers.hpp"
#include "adapters/aws/ec2_requests.hpp"

#include <algorithm>
#include <functional>

namespace nodenap {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds effect_timeout = longest_call - 1s;
constexpr Milliseconds effect_try = 8s;
constexpr int most_pages = 100;

AwsRequest request(std::string operation, std::string body, Again again) {
    AwsRequest made{"ec2", std::move(operation), std::move(body), again};
    if (again != Again::reads) {
        made.timeout = effect_timeout;
        made.try_timeout = effect_try;
    }
    return made;
}

// A page may repeat instances of the previous one.
void keep_each_once(std::vector<Instance>& instances) {
    std::ranges::stable_sort(instances, {}, &Instance::id);
    const auto rest = std::ranges::unique(instances, {}, &Instance::id);
    instances.erase(rest.begin(), rest.end());
}

Result<std::vector<Instance>> read_all(
    AwsClient& aws, const std::string& cluster,
    const std::function<std::string(const std::string& next)>& body) {
    std::vector<Instance> all;
    std::string next;
    for (int page = 0; page < most_pages; ++page) {
        const auto got = aws.call(request("DescribeInstances", body(next), Again::reads));
        if (!got) return got.error();
        const auto read = read_instances(got->body, cluster);
        if (!read) return read.error();
        all.insert(all.end(), read->instances.begin(), read->instances.end());
        next = read->next;
        if (next.empty()) {
            keep_each_once(all);
            return all;
        }
    }
    return Error{ErrorKind::unavailable, "ec2 DescribeInstances: too many pages"};
}

// Fills in what the response omits from the operation.
Instance completed(Instance instance, const Operation& operation) {
    if (instance.offering.pool.empty()) instance.offering.pool = operation.offering.pool;
    if (instance.offering.zone.empty()) instance.offering.zone = operation.offering.zone;
    if (instance.launch_template.empty()) instance.launch_template = operation.launch_template;
    if (instance.operation.empty()) {
        instance.operation = operation.id;
        instance.epoch = operation.epoch;
    }
    return instance;
}

// The first instance id in EC2's message, if any.
std::string id_in(const std::string& text) {
    const std::size_t begin = text.find("i-");
    if (begin == std::string::npos) return {};
    const std::size_t end = text.find_first_not_of("0123456789abcdef", begin + 2);
    const std::string id = text.substr(begin, end - begin);
    return id.size() < 10 ? std::string() : id;
}

}  // namespace

Result<std::vector<Instance>> Ec2Manager::list() {
    return read_all(aws_, cluster_, [&](const std::string& next) {
        return describe_instances_body(cluster_, next);
    });
}

Result<std::vector<Instance>> Ec2Manager::find_by_operation(const std::string& operation_id) {
    auto found = read_all(aws_, cluster_, [&](const std::string& next) {
        return describe_operation_body(cluster_, operation_id, next);
    });
    if (found)
        std::erase_if(*found, [&](const Instance& one) { return one.operation != operation_id; });
    return found;
}

std::vector<Result<Instance>> Ec2Manager::launch(const std::vector<Operation>& operations) {
    std::vector<AwsRequest> requests;
    for (const Operation& operation : operations) {
        requests.push_back(
            request("RunInstances", run_instances_body(operation, cluster_), Again::same));
    }
    const auto got = aws_.call_all(requests);
    std::vector<Result<Instance>> results;
    for (std::size_t i = 0; i < operations.size(); ++i) {
        results.push_back(launched(operations[i], got[i]));
    }
    return results;
}

Result<Instance> Ec2Manager::launched(const Operation& operation, const Result<HttpResponse>& got) {
    if (!got) return adopt(operation, got.error());
    auto instance = read_launched(got->body);
    if (!instance) return instance;
    return completed(std::move(*instance), operation);
}

// The token was used before: for an instance that has been terminated, or by a different request.
Result<Instance> Ec2Manager::adopt(const Operation& operation, const Error& error) {
    const bool gone = error.code == "IdempotentInstanceTerminated";
    if (!gone && error.code != "IdempotentParameterMismatch") return error;
    auto found = find_by_operation(operation.id);
    if (found && !found->empty()) {
        const auto alive = std::ranges::find_if(
            *found, [](const Instance& one) { return one.state != InstanceState::terminated; });
        return completed(alive != found->end() ? *alive : found->front(), operation);
    }
    if (!gone) return error;
    Instance dead{.id = id_in(error.text), .offering = operation.offering};
    dead.state = InstanceState::terminated;
    dead.launched_at = operation.since;
    return completed(std::move(dead), operation);
}

std::vector<Status> Ec2Manager::terminate(const std::vector<std::string>& instance_ids) {
    std::vector<AwsRequest> requests;
    for (const std::string& id : instance_ids) {
        requests.push_back(
            request("TerminateInstances", terminate_instances_body(id), Again::same));
    }
    std::vector<Status> results;
    for (const auto& got : aws_.call_all(requests)) {
        results.push_back(got ? Status(Done{}) : Status(got.error()));
    }
    return results;
}

}  // namespace nodenap
