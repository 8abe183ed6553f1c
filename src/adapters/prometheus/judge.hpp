#pragma once

#include "adapters/prometheus/parse.hpp"
#include "controller/settings.hpp"
#include "model/snapshot.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// The answers of one batch, evaluated at `now`. A custom query's answer stands in place of ours.
struct PrometheusAnswers {
    Result<std::vector<Sample>> cpu;
    Result<std::vector<Sample>> memory;
    Result<std::vector<Sample>> pending;
    Result<std::vector<Sample>> nodes;
};

struct Moment {
    Time now{};
    Milliseconds window{};
    Milliseconds max_age{};
    std::optional<Time> peer = std::nullopt;  // Prometheus's own clock, where it showed it
};

/// Which of the answers are of the user's own queries: one number each.
struct CustomQueries {
    bool cpu = false;
    bool memory = false;
    bool pending = false;
};

/// Answers → signals: every rule of trust is here and nowhere else. Pure.
Signals judge(PrometheusAnswers answers, const Moment& moment, const CustomQueries& custom);

// --- the single signals, and what they share ----------------------------------------------------

using Part = std::vector<const Sample*>;

/// A combined answer, taken apart by its part label. Points into the samples.
class Parts {
public:
    explicit Parts(const std::vector<Sample>& samples);
    const Part& of(std::string_view name) const;
    /// The only sample of a part, if there is exactly one.
    std::optional<double> single(std::string_view name) const;
    /// The first value anywhere that is NaN or infinite, as a cause.
    std::optional<Unknown> not_finite() const;

private:
    std::map<std::string_view, Part> parts_;
};

/// A node that has just joined is Ready before it is scraped, and scraped before its use is
/// known: it is left out until then, and counted by whoever decides as cores not in the answer.
bool is_young(const Node& node, const Moment& moment);

/// Unknown where `seen` (seconds since 1970) lies more than `max_age` before now, or is absent.
/// Of our clock and Prometheus's the later one counts: a slow one must not make the old young.
std::optional<Unknown> too_old(std::optional<double> seen, std::string_view what,
                               const Moment& moment);

/// Unknown where Prometheus overwrites the labels of kube-state-metrics.
std::optional<Unknown> overwritten(const Parts& parts);

/// Unknown where the series are of several clusters and nobody said which is this one.
std::optional<Unknown> several_clusters(const Parts& parts);
/// Unknown where kube-state-metrics reports a part of what there is: shards are missing, or the
/// requests of pods that have some, of CPU or of memory.
std::optional<Unknown> not_whole(const Parts& parts);
/// Notes on each Node the pods that run there and are not listed there.
void count_unlisted(Reading<std::vector<Node>>& nodes, const Parts& parts);
/// One whose claim is not reported has none here.
std::vector<LocalVolume> read_volumes(const Parts& parts);

/// "10.0.1.5:10250" → "10.0.1.5", "[fd00::5]:10250" → "fd00::5"; a name as it is.
std::string host_of(std::string_view instance);

Time time_of_seconds(double seconds);
/// A number of pods, nodes or targets: never negative, and never more than can be reckoned with.
std::int64_t count_of(double value);
Resources& add_request(Resources& resources, const Sample& sample);

Reading<std::vector<Node>> judge_nodes(const std::vector<Sample>& samples, const Moment& moment);
Reading<Pending> judge_pending(const std::vector<Sample>& samples, const Moment& moment);
/// A number of pods from the user's own query.
Reading<Pending> judge_pending_number(const std::vector<Sample>& samples);

/// What differs between the use of CPU and of memory.
struct UseKind {
    std::string_view what;      // "CPU"
    std::string_view family;    // of the use
    std::string_view capacity;  // of the size
    double unit = 1;            // a host's numbers are divided by it
    bool from_rate = false;     // needs two samples in the window
};
inline constexpr UseKind cpu_use{"CPU", "container_cpu_usage_seconds_total{id=\"/\"}",
                                 "machine_cpu_cores", 1, true};
inline constexpr UseKind memory_use{"memory", "container_memory_working_set_bytes{id=\"/\"}",
                                    "machine_memory_bytes", 1048576, false};

/// `nodes` may be unknown: then completeness cannot be judged, and is not. Else only machines of
/// the cluster's nodes count, and each Ready node must have one; where Prometheus names every
/// machine otherwise, there must be as many as Ready nodes.
Reading<Use> judge_use(const std::vector<Sample>& samples, const UseKind& kind,
                       const Reading<std::vector<Node>>& nodes, const Moment& moment);
/// A percentage from the user's own query.
Reading<Use> judge_percentage(const std::vector<Sample>& samples, std::string_view query);

}  // namespace nodenap
