#pragma once

#include "adapters/prometheus/labels.hpp"
#include "base/units.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// One thing that is asked of Prometheus: a query whose series carry the label `part` once it is
/// combined with others, so that one request brings several answers of the same moment.
struct QueryPart {
    std::string_view name;
    std::string text;
};

/// The parts of one request, joined by `or`, each marked with its name.
std::string combined(const std::vector<QueryPart>& parts);

/// PromQL's duration: "120s", or "1500ms" where it is not whole seconds.
std::string promql_duration(Milliseconds span);

/// By host: how many cores are busy over `window`, how many there are, and when it was last seen.
std::vector<QueryPart> cpu_parts(Milliseconds window);
/// By host: bytes in use, bytes there are, and when it was last seen.
std::vector<QueryPart> memory_parts();
/// By pod: those the scheduler can place nowhere, what they ask for, whose they are, since when.
std::vector<QueryPart> pending_parts();
/// By node: what it is, whether it is Ready, what it has, what its pods ask for, which of them
/// are not listed, and whether anything else is missing.
std::vector<QueryPart> node_parts(Milliseconds max_age);

/// The labels of kube_node_info that say which Node it is.
inline constexpr std::array<std::string_view, 4> node_identity = {"node", "provider_id",
                                                                  "internal_ip", "system_uuid"};

}  // namespace nodenap
