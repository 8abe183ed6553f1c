#pragma once

#include "scheduling/cluster_view.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace nodenap {

/// Whether the scheduler counts a resource beside CPU, memory and storage: extended ones, huge
/// pages, those of kubernetes.io, attachable volumes.
bool is_counted(std::string_view resource);

/// NodeResourcesFit: places for pods, then each resource that the pod asks for.
std::optional<std::string> resource_refusal(const Pod& pod, const NodeView& node);

/// "1.5Gi", "500Mi", "12" of an amount in bytes.
std::string bytes_text(Bytes bytes);

}  // namespace nodenap
