#include "adapters/prometheus/judge.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

namespace nodenap {

namespace {

/// A pod's identity: a reused name has another uid.
using PodKey = std::pair<std::string_view, std::string>;

std::int64_t whole(double value) {
    constexpr double largest = 1e15;
    constexpr double hair = 1e-6;  // rounding error of a sum of fractions
    return static_cast<std::int64_t>(std::ceil(std::clamp(value, 0.0, largest) - hair));
}

PodKey key_of(const Sample& sample) {
    return {sample.label("uid"),
            std::string(sample.label("namespace")) + "/" + std::string(sample.label("pod"))};
}

/// A pod's requests by resource, as reported. Amounts are added up before they are rounded.
using Amounts = std::map<std::string, double, std::less<>>;
struct Draft {
    PendingPod pod;
    Amounts containers;
    Amounts largest_init;
    Amounts sidecars_and_overhead;  // sidecars and pod overhead
    Amounts scheduler;              // as reported by kube-scheduler
};
using Drafts = std::map<PodKey, Draft>;
/// A claim, a Job or a container is identified by namespace and name.
using Names = std::pair<std::string_view, std::string_view>;

template <class Use>
void each(Drafts& drafts, const Part& part, Use use) {
    for (const auto* sample : part) {
        const auto found = drafts.find(key_of(*sample));
        if (found != drafts.end()) use(found->second, *sample);
    }
}

Names names_of(const Sample& sample, LabelName label) {
    return {sample.label("namespace"), sample.label(label)};
}

std::set<Names> names_in(const Part& part, LabelName label) {
    std::set<Names> names;
    for (const auto* sample : part) names.insert(names_of(*sample, label));
    return names;
}

double& amount(Amounts& amounts, const Sample& sample) {
    return amounts[std::string(sample.label("resource"))];
}

std::string owner_of(const Sample& sample) {
    const auto kind = sample.label("owner_kind");
    // kube-state-metrics writes "<none>" for a bare pod; newer versions write nothing.
    if (kind.empty() || kind == "<none>") return {};
    return std::string(kind) + "/" + std::string(sample.label("owner_name"));
}

/// Uses the CronJob instead of its Job, which is a new one at each run.
void fill_owners(Drafts& drafts, const Parts& parts) {
    std::map<Names, std::string> owners;
    for (const auto* sample : parts.of("job_owner"))
        owners[names_of(*sample, "job_name")] = owner_of(*sample);
    each(drafts, parts.of("owner"), [&](Draft& draft, const Sample& sample) {
        const auto of_job = owners.find(names_of(sample, "owner_name"));
        const bool is_of_job = sample.label("owner_kind") == "Job" && of_job != owners.end();
        draft.pod.owner = is_of_job ? of_job->second : owner_of(sample);
    });
}

void fill_sizes(Drafts& drafts, const Parts& parts) {
    each(drafts, parts.of("requests"), [](Draft& draft, const Sample& sample) {
        amount(draft.containers, sample) += sample.value;
    });
    const auto sidecars = names_in(parts.of("sidecars"), "container");
    each(drafts, parts.of("init"), [&](Draft& draft, const Sample& sample) {
        if (sidecars.contains(names_of(sample, "container"))) {
            amount(draft.sidecars_and_overhead, sample) += sample.value;
        } else {
            auto& largest = amount(draft.largest_init, sample);
            largest = std::max(largest, sample.value);
        }
    });
    each(drafts, parts.of("overhead"), [](Draft& draft, const Sample& sample) {
        amount(draft.sidecars_and_overhead, sample) += sample.value;
    });
    std::map<std::string, Amounts, std::less<>> by_name;  // its series have no uid
    for (const auto* sample : parts.of("scheduler"))
        amount(by_name[key_of(*sample).second], *sample) = sample->value;
    for (auto& [key, draft] : drafts) {
        const auto told = by_name.find(key.second);
        if (told != by_name.end()) draft.scheduler = told->second;
    }
}

/// As kube-scheduler computes it: the larger of all containers and the largest init container, plus
/// sidecars and pod overhead.
void add_up(Draft& draft) {
    auto sums = draft.containers;
    for (const auto& [resource, value] : draft.largest_init)
        sums[resource] = std::max(sums[resource], value);
    for (const auto& [resource, value] : draft.sidecars_and_overhead) sums[resource] += value;
    for (const auto& [resource, value] : draft.scheduler) sums[resource] = value;
    for (const auto& [resource, value] : sums) {
        if (resource == "cpu" || resource == "memory") {
            add_request(draft.pod.requests, {{{"resource", resource}}, value});
        } else if (value > 0) {
            draft.pod.others.push_back({resource, whole(value)});
        }
    }
}

ClaimState state_of(std::string_view text) {
    if (text == "lost") return ClaimState::lost;
    return text == "on_a_node" ? ClaimState::on_a_node : ClaimState::unbound;
}

void fill_claims(Drafts& drafts, const Parts& parts) {
    const auto at_once = names_in(parts.of("claim_immediate"), "persistentvolumeclaim");
    const auto for_a_pod = names_in(parts.of("claim_waits"), "persistentvolumeclaim");
    each(drafts, parts.of("claim"), [&](Draft& draft, const Sample& sample) {
        const auto claim = names_of(sample, "persistentvolumeclaim");
        HinderingClaim made{std::string(claim.second), std::nullopt,
                            state_of(sample.label("state"))};
        if (at_once.contains(claim)) made.binds_at_once = true;
        if (for_a_pod.contains(claim)) made.binds_at_once = false;
        draft.pod.claims.push_back(std::move(made));
    });
    each(drafts, parts.of("missing_claim"), [](Draft& draft, const Sample& sample) {
        draft.pod.claims.push_back({std::string(sample.label("persistentvolumeclaim")),
                                    std::nullopt, ClaimState::missing});
    });
}

void fill(Drafts& drafts, const Parts& parts) {
    fill_owners(drafts, parts);
    fill_sizes(drafts, parts);
    fill_claims(drafts, parts);
    for (const char* part : {"created", "since"}) {
        each(drafts, parts.of(part), [](Draft& draft, const Sample& sample) {
            draft.pod.unschedulable_since = time_of_seconds(sample.value);
        });
    }
}

/// The parts about the nodes that might run the pods.
void fill_nodes(Pending& pending, const Parts& parts) {
    for (const auto* sample : parts.of("others")) {
        pending.others.push_back({std::string(sample->label("node")),
                                  {std::string(sample->label("resource")), whole(sample->value)}});
    }
    for (const auto* sample : parts.of("freed_pods"))
        pending.freed[std::string(sample->label("node"))].pods = whole(sample->value);
    for (const auto* sample : parts.of("freed"))
        add_request(pending.freed[std::string(sample->label("node"))], *sample);
}

}  // namespace

Reading<Pending> judge_pending(const std::vector<Sample>& samples, const Moment& moment) {
    const Parts parts(samples);
    if (const auto bad = parts.not_finite()) return *bad;
    if (const auto wrong = overwritten(parts)) return *wrong;
    if (parts.of("any_pod").empty())
        return Unknown{"Prometheus has no kube_pod_info: is kube-state-metrics scraped?"};
    if (const auto old = too_old(parts.single("pods_seen"), "kube_pod_info", moment)) return *old;
    Drafts drafts;
    for (const auto* sample : parts.of("pending")) {
        auto& pod = drafts[key_of(*sample)].pod;
        pod.name = key_of(*sample).second;
        pod.requests.pods = 1;
    }
    fill(drafts, parts);
    Pending out;
    out.count = static_cast<std::int64_t>(drafts.size());
    out.pods.reserve(drafts.size());
    for (auto& [key, draft] : drafts) {
        add_up(draft);
        out.pods.push_back(std::move(draft.pod));
    }
    fill_nodes(out, parts);
    return out;
}

Reading<Pending> judge_pending_number(const std::vector<Sample>& samples) {
    if (samples.size() != 1)
        return Unknown{"pending_query returns " + std::to_string(samples.size()) +
                       " series; it must return one"};
    const double value = samples.front().value;
    constexpr double most = 1e9;
    if (!std::isfinite(value) || value < 0 || value > most)
        return Unknown{"pending_query returns no number of pods"};
    Pending out;
    out.count = static_cast<std::int64_t>(std::ceil(value));
    return out;
}

}  // namespace nodenap
