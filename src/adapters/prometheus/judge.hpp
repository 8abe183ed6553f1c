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

/// The responses of one batch, evaluated at `now`. Custom queries replace the built-in ones.
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
    std::optional<Time> peer = std::nullopt;  // Prometheus's own clock, if its responses show it
};

/// Which responses belong to custom queries, which return a single number.
struct CustomQueries {
    bool cpu = false;
    bool memory = false;
    bool pending = false;
};

/// Turns responses into signals. All rules about which data to trust are here. A pure function.
Signals judge(PrometheusAnswers answers, const Moment& moment, const CustomQueries& custom);

// --- the single signals and shared parts --------------------------------------------------------

using Part = std::vector<const Sample*>;

/// A combined response, split by the part label. Points into the samples.
class Parts {
public:
    explicit Parts(const std::vector<Sample>& samples);
    const Part& of(std::string_view name) const;
    /// The only sample of a part, if there is exactly one.
    std::optional<double> single(std::string_view name) const;
    /// The cause, if any value is NaN or infinite.
    std::optional<Unknown> not_finite() const;

private:
    std::map<std::string_view, Part> parts_;
};

/// A node that has just registered is Ready before it is scraped, and scraped before its usage is
/// known. Until then it is left out, and the decision treats its cores as not covered.
bool is_young(const Node& node, const Moment& moment);

/// Unknown if `seen` (seconds since 1970) is more than `max_age` ago, or absent. The later of our
/// clock and Prometheus's counts, so that a slow clock does not make old data look current.
std::optional<Unknown> too_old(std::optional<double> seen, std::string_view what,
                               const Moment& moment);

/// Unknown if Prometheus overwrites the labels of kube-state-metrics.
std::optional<Unknown> overwritten(const Parts& parts);

/// Unknown if the series belong to several clusters and no matcher selects one.
std::optional<Unknown> several_clusters(const Parts& parts);
/// Unknown if kube-state-metrics reports only a part: shards are missing, or CPU or memory requests
/// of pods that have some.
std::optional<Unknown> not_whole(const Parts& parts);
/// Sets for each Node the number of pods that run there but are not listed there.
void count_unlisted(Reading<std::vector<Node>>& nodes, const Parts& parts);
/// Volumes whose claim is not reported have an empty claim.
std::vector<LocalVolume> read_volumes(const Parts& parts);

/// "10.0.1.5:10250" → "10.0.1.5", "[fd00::5]:10250" → "fd00::5"; a name as it is.
std::string host_of(std::string_view instance);

Time time_of_seconds(double seconds);
/// A number of pods, nodes or targets, clamped to a range that is never negative and cannot
/// overflow.
std::int64_t count_of(double value);
Resources& add_request(Resources& resources, const Sample& sample);

Reading<std::vector<Node>> judge_nodes(const std::vector<Sample>& samples, const Moment& moment);
Reading<Pending> judge_pending(const std::vector<Sample>& samples, const Moment& moment);
/// A number of pods from a custom query.
Reading<Pending> judge_pending_number(const std::vector<Sample>& samples);

/// The differences between CPU and memory usage.
struct UseKind {
    std::string_view what;      // "CPU"
    std::string_view family;    // of the usage
    std::string_view capacity;  // of the capacity
    double unit = 1;            // a host's values are divided by it
    bool from_rate = false;     // needs two samples in the window
};
inline constexpr UseKind cpu_use{"CPU", "container_cpu_usage_seconds_total{id=\"/\"}",
                                 "machine_cpu_cores", 1, true};
inline constexpr UseKind memory_use{"memory", "container_memory_working_set_bytes{id=\"/\"}",
                                    "machine_memory_bytes", 1048576, false};

/// If `nodes` is unknown, completeness is not checked. Otherwise only hosts that match nodes of the
/// cluster count, and each Ready node must have one; if Prometheus uses other names for all hosts,
/// there must be as many as Ready nodes.
Reading<Use> judge_use(const std::vector<Sample>& samples, const UseKind& kind,
                       const Reading<std::vector<Node>>& nodes, const Moment& moment);
/// A percentage from a custom query.
Reading<Use> judge_percentage(const std::vector<Sample>& samples, std::string_view query);

}  // namespace nodenap
