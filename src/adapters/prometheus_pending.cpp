#include "adapters/prometheus_judge.hpp"

#include <cmath>

namespace nodenap {

namespace {

/// A pod's identity: a name that was used again has another uid.
using PodKey = std::pair<std::string_view, std::string>;

PodKey key_of(const Sample& sample) {
    return {sample.label("uid"),
            std::string(sample.label("namespace")) + "/" + std::string(sample.label("pod"))};
}

using Pods = std::map<PodKey, PendingPod>;

PendingPod* find(Pods& pods, const Sample& sample) {
    const auto found = pods.find(key_of(sample));
    return found == pods.end() ? nullptr : &found->second;
}

std::string owner_of(const Sample& sample) {
    const auto kind = sample.label("owner_kind");
    // kube-state-metrics writes "<none>" for a bare pod, newer ones nothing at all.
    if (kind.empty() || kind == "<none>") return {};
    return std::string(kind) + "/" + std::string(sample.label("owner_name"));
}

void fill(Pods& pods, const Parts& parts) {
    for (const auto* sample : parts.of("requests"))
        if (auto* pod = find(pods, *sample)) add_request(pod->requests, *sample);
    for (const auto* sample : parts.of("owner"))
        if (auto* pod = find(pods, *sample)) pod->owner = owner_of(*sample);
    for (const auto* sample : parts.of("created"))
        if (auto* pod = find(pods, *sample))
            pod->unschedulable_since = time_of_seconds(sample->value);
    for (const auto* sample : parts.of("since"))
        if (auto* pod = find(pods, *sample))
            pod->unschedulable_since = time_of_seconds(sample->value);
}

}  // namespace

Reading<Pending> judge_pending(const std::vector<Sample>& samples, const Moment& moment) {
    const Parts parts(samples);
    if (const auto bad = parts.not_finite()) return *bad;
    if (const auto wrong = overwritten(parts)) return *wrong;
    if (parts.of("any_pod").empty())
        return Unknown{"Prometheus has no kube_pod_info: is kube-state-metrics scraped?"};
    if (const auto old = too_old(parts.single("pods_seen"), "kube_pod_info", moment)) return *old;
    Pods pods;
    for (const auto* sample : parts.of("pending")) {
        auto& pod = pods[key_of(*sample)];
        pod.name = key_of(*sample).second;
        pod.requests.pods = 1;
    }
    fill(pods, parts);
    Pending out;
    out.count = static_cast<std::int64_t>(pods.size());
    out.pods.reserve(pods.size());
    for (auto& [key, pod] : pods) out.pods.push_back(std::move(pod));
    return out;
}

Reading<Pending> judge_pending_number(const std::vector<Sample>& samples) {
    if (samples.size() != 1)
        return Unknown{"pending_query gives " + std::to_string(samples.size()) +
                       " series; it must give one"};
    const double value = samples.front().value;
    constexpr double most = 1e9;
    if (!std::isfinite(value) || value < 0 || value > most)
        return Unknown{"pending_query gives no number of pods"};
    Pending out;
    out.count = static_cast<std::int64_t>(std::ceil(value));
    return out;
}

}  // namespace nodenap
