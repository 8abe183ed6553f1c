#pragma once

#include "adapters/kubernetes/json_value.hpp"
#include "adapters/kubernetes/pod_requests.hpp"
#include "model/pod.hpp"

#include <vector>

namespace nodenap {

/// A Pod object; its requests are computed.
Pod read_pod(JsonValue& value);

/// A PodSpec, of a pod or of a template: fills `pod` but for its requests, whose parts it gathers.
void read_pod_spec(JsonValue& value, Pod& pod, PodRequestParts& parts);

// The parts of a PodSpec that have a file of their own.
void read_affinity(JsonValue& value, PodRules& rules);
std::vector<Toleration> read_tolerations(JsonValue& value);
std::vector<Taint> read_taints(JsonValue& value);
std::vector<SpreadConstraint> read_spread_constraints(JsonValue& value);
std::vector<PodVolume> read_pod_volumes(JsonValue& value);

}  // namespace nodenap
