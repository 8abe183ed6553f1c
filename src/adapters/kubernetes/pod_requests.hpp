#pragma once

#include "adapters/kubernetes/json_value.hpp"
#include "model/exact_amount.hpp"
#include "model/resource_amounts.hpp"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

/// The effective request of a pod, as k8s.io/component-helpers/resource computes it: exact amounts
/// are added and compared, and rounded once at the end. Names live as long as the parser.
namespace nodenap {

/// A ResourceList; each name once.
class ExactResources {
public:
    void add(std::string_view name, ExactAmount amount);
    void add(const ExactResources& more);
    /// The larger of both, for each resource.
    void enlarge(const ExactResources& other);
    void replace(std::string_view name, ExactAmount amount);

    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }

private:
    ExactAmount* find(std::string_view name);

    std::vector<std::pair<std::string_view, ExactAmount>> entries_;
};

struct ContainerRequests {
    std::string_view name;
    ExactResources requests;
    bool restartable = false;  // of an init container: a sidecar
};

/// What the kubelet has allocated and set; unset where the status does not say.
struct ContainerStatusRequests {
    std::string_view name;
    std::optional<ExactResources> allocated;
    std::optional<ExactResources> actuated;
};

struct PodRequestParts {
    std::vector<ContainerRequests> containers;
    std::vector<ContainerRequests> init_containers;
    ExactResources pod_level;
    ExactResources overhead;
    std::vector<ContainerStatusRequests> statuses;  // of containers, then of init containers
    bool pod_status = false;                        // status.resources is there
    std::optional<ExactResources> pod_allocated;
    std::optional<ExactResources> pod_actuated;
    bool resize_infeasible = false;
};

ExactResources read_exact_resources(JsonValue& value);
/// For a pod that is to be placed: its spec alone.
ResourceAmounts requests_of_spec(const PodRequestParts& parts);
/// For a pod on its node: while it is resized, the largest of what is wanted, given and set.
ResourceAmounts requests_on_node(const PodRequestParts& parts);
/// Rounded up: CPU to thousandths, all else to whole units; "pods" is left out.
ResourceAmounts rounded(const ExactResources& resources);

}  // namespace nodenap
