#include "doctor/monitoring.hpp"

#include "adapters/prometheus/judge.hpp"
#include "adapters/prometheus/matcher.hpp"
#include "adapters/prometheus/prometheus.hpp"
#include "adapters/prometheus/queries.hpp"

#include <algorithm>
#include <set>

namespace nodenap {

namespace {

std::vector<QueryPart> doctor_parts() {
    return {{"targets", "count by(job)(up)"},
            {"down", "count by(job)(up == 0)"},
            {"versions", "count by(node,kubelet_version)(kube_node_info)"},
            {"servers", "count by(node)(kube_node_role{role=~\"control-plane|master|etcd\"})"},
            {"container_cpu_usage_seconds_total of pods",
             "count(container_cpu_usage_seconds_total{pod!=\"\"})"},
            {"kube_pod_status_qos_class", "count(kube_pod_status_qos_class)"},
            {"kube_node_status_addresses", "count(kube_node_status_addresses)"},
            {"api", "count by(git_version)(kubernetes_build_info{job=~\".*apiserver.*\"})"}};
}

std::vector<JobSeen> jobs_of(const Parts& parts) {
    std::vector<JobSeen> jobs;
    for (const Sample* sample : parts.of("targets")) {
        jobs.push_back({std::string(sample->label("job")), count_of(sample->value)});
    }
    for (const Sample* sample : parts.of("down")) {
        const auto job = std::ranges::find(jobs, sample->label("job"), &JobSeen::job);
        if (job != jobs.end()) job->down = count_of(sample->value);
    }
    return jobs;
}

std::vector<NodeVersion> nodes_of(const Parts& parts) {
    std::set<std::string, std::less<>> servers;
    for (const Sample* sample : parts.of("servers")) servers.emplace(sample->label("node"));
    std::vector<NodeVersion> nodes;
    for (const Sample* sample : parts.of("versions")) {
        nodes.push_back({std::string(sample->label("node")),
                         std::string(sample->label("kubelet_version")),
                         servers.contains(sample->label("node"))});
    }
    return nodes;
}

/// The oldest, where several answer.
std::string api_version_of(const Parts& parts) {
    std::string version;
    for (const Sample* sample : parts.of("api")) {
        const std::string own(sample->label("git_version"));
        if (version.empty() || own < version) version = own;
    }
    return version;
}

}  // namespace

Result<MonitoringSeen> DoctorMonitoring::look(Time now) {
    const auto query = with_matcher(combined(doctor_parts()), settings_.matcher);
    auto answers = http_.send(std::vector<HttpRequest>{prometheus_request(query, now, settings_)});
    MonitoringSeen seen;
    seen.clock = prometheus_clock(answers);
    const auto samples = parse_answer(std::move(answers.front()));
    if (!samples) return samples.error();
    const Parts parts(*samples);
    seen.jobs = jobs_of(parts);
    seen.nodes = nodes_of(parts);
    seen.api_version = api_version_of(parts);
    for (const char* family : {"container_cpu_usage_seconds_total of pods",
                               "kube_pod_status_qos_class", "kube_node_status_addresses"})
        if (parts.of(family).empty()) seen.missing.emplace_back(family);
    return seen;
}

}  // namespace nodenap
