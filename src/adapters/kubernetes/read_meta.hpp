#pragma once

#include "adapters/kubernetes/json_value.hpp"
#include "model/labels.hpp"
#include "model/pod.hpp"

#include <optional>
#include <string>
#include <vector>

/// What objects of many kinds have alike: metadata, labels, selectors.
namespace nodenap {

enum class KeptAnnotations { some, all };

/// `annotations` are those that some rule reads; of a Node all of them, for a person.
struct ObjectMeta {
    std::string namespace_name;
    std::string name;
    std::string uid;
    Labels labels;
    Labels annotations;
    std::optional<Time> created_at;
    std::optional<Time> deleted_at;
    std::optional<Owner> controller;
};

ObjectMeta read_meta(JsonValue& value, KeptAnnotations kept = KeptAnnotations::some);
Labels read_labels(JsonValue& value);
std::vector<std::string> read_texts(JsonValue& value);
LabelSelector read_label_selector(JsonValue& value);
/// {"nodeSelectorTerms": […]}
NodeSelector read_node_selector(JsonValue& value);

}  // namespace nodenap
