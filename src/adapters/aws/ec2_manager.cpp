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

// A page may hold again what moved while the former one was read.
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
    return Error{ErrorKind::unavailable, "ec2 DescribeInstances: the pages do not end"};
}

// What the answer leaves out, the intent knows.
Instance completed(Instance instance, const Intent& intent) {
    if (instance.offer.pool.empty()) instance.offer.pool = intent.offer.pool;
    if (instance.offer.zone.empty()) instance.offer.zone = intent.offer.zone;
    if (instance.launch_template.empty()) instance.launch_template = intent.launch_template;
    if (instance.intent.empty()) {
        instance.intent = intent.id;
        instance.epoch = intent.epoch;
    }
    return instance;
}

// The first instance id that EC2's message names, if it names one.
std::string id_in(const std::string& text) {
    const std::size_t begin = text.find("i-");
    if (begin == std::string::npos) return {};
    const std::size_t end = text.find_first_not_of("0123456789abcdef", begin + 2);
    const std::string id = text.substr(begin, end - begin);
    return id.size() < 10 ? std::string() : id;
}

}  // namespace

Result<std::vector<Instance>> Ec2Manager::list() {
    return read_all(aws_, cluster_,
                    [&](const std::string& next) { return describe_ours_body(cluster_, next); });
}

Result<std::vector<Instance>> Ec2Manager::find_by_intent(const std::string& intent_id) {
    auto found = read_all(aws_, cluster_, [&](const std::string& next) {
        return describe_intent_body(cluster_, intent_id, next);
    });
    if (found) std::erase_if(*found, [&](const Instance& one) { return one.intent != intent_id; });
    return found;
}

std::vector<Result<Instance>> Ec2Manager::launch(const std::vector<Intent>& intents) {
    std::vector<AwsRequest> requests;
    for (const Intent& intent : intents) {
        requests.push_back(
            request("RunInstances", run_instances_body(intent, cluster_), Again::same));
    }
    const auto got = aws_.call_all(requests);
    std::vector<Result<Instance>> results;
    for (std::size_t i = 0; i < intents.size(); ++i) {
        results.push_back(launched(intents[i], got[i]));
    }
    return results;
}

Result<Instance> Ec2Manager::launched(const Intent& intent, const Result<HttpResponse>& got) {
    if (!got) return adopt(intent, got.error());
    auto instance = read_launched(got->body);
    if (!instance) return instance;
    return completed(std::move(*instance), intent);
}

// The token was used before: for an instance that is gone, or by a request that read otherwise.
Result<Instance> Ec2Manager::adopt(const Intent& intent, const Error& error) {
    const bool gone = error.code == "IdempotentInstanceTerminated";
    if (!gone && error.code != "IdempotentParameterMismatch") return error;
    auto found = find_by_intent(intent.id);
    if (found && !found->empty()) {
        const auto alive = std::ranges::find_if(
            *found, [](const Instance& one) { return one.state != InstanceState::terminated; });
        return completed(alive != found->end() ? *alive : found->front(), intent);
    }
    if (!gone) return error;
    Instance dead{.id = id_in(error.text), .offer = intent.offer};
    dead.state = InstanceState::terminated;
    dead.launched_at = intent.since;
    return completed(std::move(dead), intent);
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
