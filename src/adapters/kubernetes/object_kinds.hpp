#pragma once

#include "adapters/kubernetes/json_value.hpp"
#include "model/cluster_state.hpp"

#include <string_view>

namespace nodenap {

/// A kind of objects that some rule reads.
struct ObjectKind {
    std::string_view kind;     // "Pod"
    std::string_view group;    // how its apiVersion begins: "v1", "apps/"
    std::string_view listing;  // as a place names it: "pods"
    bool ConstraintsKnown::*known;
    void (*read)(JsonValue& value, ClusterState& into);
};

/// Null for kinds that are passed over. An empty `api_version` is any.
const ObjectKind* find_object_kind(std::string_view kind, std::string_view api_version);

/// Moves all objects of `from` behind those of `into`.
void append(ClusterState from, ClusterState& into);

}  // namespace nodenap
