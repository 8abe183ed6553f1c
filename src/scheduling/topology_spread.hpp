#pragma once

#include "scheduling/cluster_view.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// PodTopologySpread for one pod: its constraints that say DoNotSchedule. Prepared once; then each
/// node costs as many look-ups as there are constraints.
class TopologySpreadRules {
public:
    struct Constraint {
        const SpreadConstraint* rule;
        std::optional<LabelSelector> selector;  // with matchLabelKeys
        std::vector<char> matching;             // by label class
        std::map<std::string, std::int64_t, std::less<>> domains;
        std::int64_t fewest = 0;
        bool matches_itself = false;

        /// Whether a pod with these labels, in the namespace of the pod, is counted.
        bool counts(const Labels& labels) const;
    };

    TopologySpreadRules(const ClusterView& view, const Pod& pod);

    std::optional<std::string> refusal(const NodeView& node) const;
    const std::vector<Constraint>& constraints() const { return constraints_; }

private:
    void prepare(const ClusterView& view, const Pod& pod, const SpreadConstraint& rule);
    void count(const Pod& pod, const NodeView& node);
    void finish();

    std::vector<Constraint> constraints_;
};

}  // namespace nodenap
