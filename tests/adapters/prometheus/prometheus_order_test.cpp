// Prometheus does not guarantee an order of series: any order gives the same signals.

#include "adapters/any_value.hpp"
#include "adapters/fixture.hpp"
#include "adapters/prometheus/judge.hpp"

#include <cmath>
#include <map>
#include <sstream>

namespace nodenap::test {
namespace {

using Samples = std::vector<Sample>;

/// Responses of a real Prometheus, recorded by tests/promql/record.py.
struct Recording {
    Moment moment;
    std::map<std::string, Samples> answers;
};

Recording recording(const std::string& scene) {
    Recording out;
    std::istringstream file(fixture("prometheus/" + scene + ".txt"));
    std::string name;
    double seconds = 0;
    file >> name >> seconds;
    out.moment = {time_of_seconds(seconds), std::chrono::minutes(2), std::chrono::seconds(90)};
    int status = 0;
    while (file >> name >> status) {
        std::string body;
        std::getline(file >> std::ws, body);
        out.answers[name] = *parse_answer(HttpResponse{status, {}, body});
    }
    return out;
}

template <class T>
void shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i)
        std::swap(values[i - 1], values[std::size_t(any_of(0, int(i) - 1))]);
}

std::string text_of(const Resources& resources) {
    return std::to_string(resources.cpu.value) + "m " + std::to_string(resources.memory.value) +
           "Mi " + std::to_string(resources.pods);
}

std::string text_of(const Use& use) {
    std::ostringstream out;
    out << use.percent;
    for (const auto& host : use.hosts)
        out << '\n' << host.host << ' ' << host.busy << '/' << host.size;
    return out.str();
}

std::string text_of(const Pending& pending) {
    std::ostringstream out;
    out << pending.count;
    for (const auto& pod : pending.pods) {
        out << '\n' << pod.name << ' ' << pod.owner << ' ' << text_of(pod.requests) << ' ';
        if (pod.unschedulable_since) out << pod.unschedulable_since->time_since_epoch().count();
    }
    return out.str();
}

std::string text_of(const std::vector<Node>& nodes) {
    std::ostringstream out;
    for (const auto& node : nodes) {
        out << node.name << ' ' << node.instance_id << ' ' << node.internal_ip << ' ' << node.ready
            << node.server << node.schedulable << node.only_daemonset_pods << ' '
            << node.created_at.time_since_epoch().count() << ' ' << text_of(node.allocatable) << ' '
            << text_of(node.requested) << ' ' << text_of(node.daemonset_requested) << '\n';
    }
    return out.str();
}

template <class T>
std::string text_of(const Reading<T>& reading) {
    return reading.known() ? text_of(reading.value()) : "unknown: " + reading.cause();
}

std::string signals_of(const Recording& recorded) {
    const auto& answers = recorded.answers;
    const auto signals =
        judge({answers.at("cpu"), answers.at("memory"), answers.at("pending"), answers.at("nodes")},
              recorded.moment, {});
    return text_of(signals.cpu) + "\n\n" + text_of(signals.memory) + "\n\n" +
           text_of(signals.pending) + "\n\n" + text_of(signals.nodes);
}

RC_GTEST_PROP(PrometheusOrder, SeriesInAnyOrderAreTheSameSignals, ()) {
    auto recorded = recording(*rc::gen::element<std::string>(
        "quiet", "pending", "node_left", "not_for_pods", "scraped_twice", "root_dropped", "stale"));
    const auto wanted = signals_of(recorded);
    for (auto& [name, samples] : recorded.answers) {
        shuffle(samples);
        for (auto& sample : samples) shuffle(sample.labels);
    }
    RC_ASSERT(signals_of(recorded) == wanted);
}

}  // namespace
}  // namespace nodenap::test
