// Responses of Prometheus: from the bytes of a body to the signals of a decision.

#include "adapters/prometheus/judge.hpp"
#include "adapters/prometheus/queries.hpp"
#include "fuzz/fuzz.hpp"

#include <algorithm>
#include <cmath>

namespace nodenap::fuzz {
namespace {

constexpr Time first{};
constexpr Time last{std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)};

void claim_time(Time time) { claim(time >= first && time <= last, "a time is one of our era"); }

/// A few hundred of these can be added without overflow.
void claim_resources(const Resources& resources) {
    constexpr std::int64_t most = std::int64_t{1} << 53;
    for (const auto value : {resources.cpu.value, resources.memory.value, resources.pods})
        claim(value >= 0 && value <= most, "a quantity is neither negative nor absurd");
}

void claim_nodes(const std::vector<Node>& nodes) {
    for (std::size_t at = 0; at < nodes.size(); ++at) {
        claim(at == 0 || nodes[at - 1].name < nodes[at].name, "each node is listed once");
        claim_resources(nodes[at].allocatable);
        claim_resources(nodes[at].requested);
        claim_resources(nodes[at].daemonset_requested);
        claim_time(nodes[at].created_at);
    }
}

void claim_pending(const Pending& pending) {
    claim(pending.count >= std::ssize(pending.pods), "no more pods are named than counted");
    for (const auto& pod : pending.pods) {
        claim_resources(pod.requests);
        if (pod.unschedulable_since) claim_time(*pod.unschedulable_since);
    }
}

void claim_use(const Use& use) {
    claim(std::isfinite(use.percent) && use.percent >= 0, "a percentage is a number");
    for (const auto& host : use.hosts) {
        claim(std::isfinite(host.busy) && host.busy >= 0, "what is busy is a number");
        claim(std::isfinite(host.size) && host.size > 0, "a size is a number above 0");
    }
}

template <class T, class Claim>
void claim_reading(const Reading<T>& reading, Claim claim_value) {
    if (reading.known()) {
        claim_value(reading.value());
    } else {
        claim(!reading.cause().empty(), "what is unknown has a cause");
    }
}

/// The time in the response, so that it is not rejected as too old.
Time seen(const std::vector<Sample>& samples) {
    double latest = 0;
    for (const auto& sample : samples)
        if (sample.label(part_label).ends_with("seen") && std::isfinite(sample.value))
            latest = std::max(latest, sample.value);
    return time_of_seconds(latest);
}

void claim_signals(const std::vector<Sample>& samples, const CustomQueries& custom) {
    const Moment moment{seen(samples), std::chrono::minutes(2), std::chrono::seconds(90)};
    const auto signals = judge({samples, samples, samples, samples}, moment, custom);
    claim_reading(signals.nodes, claim_nodes);
    claim_reading(signals.pending, claim_pending);
    claim_reading(signals.cpu, claim_use);
    claim_reading(signals.memory, claim_use);
}

void claim_unanswered(const Error& error) {
    claim(!error.text.empty(), "an error has a text");
    const auto signals = judge({error, error, error, error}, {}, {});
    claim(!signals.nodes.known() && !signals.cpu.known(), "no answer is no knowledge");
}

}  // namespace

void try_input(std::string_view input) {
    const std::string body(input);
    const auto refused = parse_answer(HttpResponse{400, {}, body});
    claim(!refused, "nothing but 200 is an answer");
    claim_unanswered(refused.error());
    const auto samples = parse_answer(HttpResponse{200, {}, body});
    if (!samples) return claim_unanswered(samples.error());
    claim(body.find("success") != body.npos || body.find('\\') != body.npos,
          "what Prometheus does not call a success is none");
    claim_signals(*samples, {});
    claim_signals(*samples, {true, true, true});
}

}  // namespace nodenap::fuzz
