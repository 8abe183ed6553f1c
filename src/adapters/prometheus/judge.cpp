#include "adapters/prometheus/judge.hpp"

#include "adapters/prometheus/queries.hpp"
#include "decide/explain.hpp"

#include <algorithm>
#include <cmath>

namespace nodenap {

namespace {

constexpr double mebibyte = 1048576;
constexpr double largest = 1e15;
/// Rounding error of a sum of fractions.
constexpr double hair = 1e-6;

using Samples = std::vector<Sample>;

/// Consumes the samples, so that at most one response's samples are in memory besides the results.
template <class T, class Judge>
Reading<T> known_or_cause(Result<Samples> answer, Judge judge_samples) {
    if (!answer) return Unknown{answer.error().text};
    return judge_samples(*answer);
}

}  // namespace

Parts::Parts(const std::vector<Sample>& samples) {
    for (const auto& sample : samples) parts_[sample.label(part_label)].push_back(&sample);
}

const Part& Parts::of(std::string_view name) const {
    static const Part none;
    const auto found = parts_.find(name);
    return found == parts_.end() ? none : found->second;
}

std::optional<double> Parts::single(std::string_view name) const {
    const auto& part = of(name);
    if (part.size() != 1) return std::nullopt;
    return part.front()->value;
}

std::optional<Unknown> Parts::not_finite() const {
    for (const auto& [name, part] : parts_)
        for (const auto* sample : part)
            if (!std::isfinite(sample->value))
                return Unknown{"Prometheus returns no number for \"" + std::string(name) +
                               "\": NaN or infinite"};
    return std::nullopt;
}

Time time_of_seconds(double seconds) {
    // Times beyond these are invalid and would overflow.
    constexpr double most = 253402300799;
    const double inside = std::min(std::max(seconds, 0.0), most);
    return Time(Milliseconds(static_cast<std::int64_t>(std::floor(inside * 1000))));
}

std::int64_t count_of(double value) {
    return value > 0 ? std::llround(std::min(value, largest)) : 0;  // also for NaN
}

bool is_young(const Node& node, const Moment& moment) {
    return moment.now - node.created_at < moment.window + moment.max_age;
}

std::optional<Unknown> too_old(std::optional<double> seen, std::string_view what,
                               const Moment& moment) {
    if (!seen) return Unknown{"Prometheus has no " + std::string(what)};
    const auto latest = std::max(moment.now, moment.peer.value_or(moment.now));
    const auto age = latest - time_of_seconds(*seen);
    if (age <= moment.max_age) return std::nullopt;
    return Unknown{std::string(what) + " is " + duration_text(age) + " old, more than " +
                   duration_text(moment.max_age)};
}

std::optional<Unknown> overwritten(const Parts& parts) {
    if (parts.of("overwritten").empty()) return std::nullopt;
    return Unknown{
        "Prometheus scrapes kube-state-metrics without honor_labels and overwrites its "
        "labels: node and namespace are not those of the pods"};
}

Resources& add_request(Resources& resources, const Sample& sample) {
    const auto add = [](std::int64_t& sum, double value) {
        const double more = std::ceil(std::min(std::max(value, 0.0), largest) - hair);
        sum = static_cast<std::int64_t>(std::min(static_cast<double>(sum) + more, largest));
    };
    const auto resource = sample.label("resource");
    if (resource == "cpu") add(resources.cpu.value, sample.value * 1000);
    if (resource == "memory") add(resources.memory.value, sample.value / mebibyte);
    return resources;
}

namespace {

/// Applies to all queries: if data of several clusters is mixed, no value belongs to this one
/// alone.
std::optional<Unknown> mixed(const PrometheusAnswers& answers, const CustomQueries& custom) {
    std::optional<Unknown> found;
    if (answers.nodes) found = several_clusters(Parts(*answers.nodes));
    if (!found && answers.pending && !custom.pending)
        found = several_clusters(Parts(*answers.pending));
    return found;
}

}  // namespace

Signals judge(PrometheusAnswers answers, const Moment& moment, const CustomQueries& custom) {
    const auto foreign = mixed(answers, custom);
    Signals out;
    out.nodes = known_or_cause<std::vector<Node>>(
        std::move(answers.nodes), [&](const Samples& samples) -> Reading<std::vector<Node>> {
            if (foreign) return *foreign;
            auto nodes = judge_nodes(samples, moment);
            if (!nodes.known()) return nodes;
            const Parts parts(samples);
            out.volumes = read_volumes(parts);
            out.volumes_reported = !parts.of("volumes_seen").empty();
            return nodes;
        });
    out.cpu =
        known_or_cause<Use>(std::move(answers.cpu), [&](const Samples& samples) -> Reading<Use> {
            if (custom.cpu) return judge_percentage(samples, "cpu_query");
            if (foreign) return *foreign;
            return judge_use(samples, cpu_use, out.nodes, moment);
        });
    out.memory =
        known_or_cause<Use>(std::move(answers.memory), [&](const Samples& samples) -> Reading<Use> {
            if (custom.memory) return judge_percentage(samples, "memory_query");
            if (foreign) return *foreign;
            return judge_use(samples, memory_use, out.nodes, moment);
        });
    out.pending = known_or_cause<Pending>(std::move(answers.pending),
                                          [&](const Samples& samples) -> Reading<Pending> {
                                              if (custom.pending)
                                                  return judge_pending_number(samples);
                                              if (foreign) return *foreign;
                                              return judge_pending(samples, moment);
                                          });
    return out;
}

}  // namespace nodenap
