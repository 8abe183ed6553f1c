#pragma once

#include "adapters/prometheus/parse.hpp"
#include "base/units.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// A query whose series get the label `part` when it is combined with others, so that one request
/// returns several results of the same moment.
struct QueryPart {
    std::string_view name;
    std::string text;
};

/// The parts of one request, joined by `or`, each marked with its name.
std::string combined(const std::vector<QueryPart>& parts);

/// A PromQL duration: "120s", or "1500ms" if it is not a whole number of seconds.
std::string promql_duration(Milliseconds span);

/// By host: cores used over `window`, number of cores, and when it was last reported.
std::vector<QueryPart> cpu_parts(Milliseconds window);
/// By host: bytes used, total bytes, and when it was last reported.
std::vector<QueryPart> memory_parts();
/// By pod: unschedulable pods, their requests, their owners, and since when.
std::vector<QueryPart> pending_parts();
/// By node: identity, readiness, allocatable resources, requests of its pods, pods that are not
/// listed, and whether any other data is missing.
std::vector<QueryPart> node_parts(Milliseconds max_age);

/// The labels of kube_node_info that identify a Node.
inline constexpr std::array<std::string_view, 4> node_identity = {"node", "provider_id",
                                                                  "internal_ip", "system_uuid"};

// --- shared by the files with the queries (promql.cpp)
// --------------------------------------------

/// Replaces each "$name" by `text`.
std::string with(std::string query, std::string_view name, std::string_view text);

/// Expands the shared expressions "$pending", "$bound", "$requests" … in a query.
std::string filled(std::string_view query);

}  // namespace nodenap
