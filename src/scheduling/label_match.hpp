#pragma once

#include "model/labels.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace nodenap {

/// What the API would refuse matches nothing, as in kube-scheduler: no values for `in`, a value
/// that is no label, a number that is none.
bool is_valid(const LabelRequirement& requirement);

bool matches(const LabelRequirement& requirement, const Labels& labels);
bool matches(const LabelSelector& selector, const Labels& labels);
/// None selects nothing.
bool matches(const std::optional<LabelSelector>& selector, const Labels& labels);

/// Whether the labels and the name of a node match one term. Without a name, fields are ignored: so
/// the node affinity of a volume is judged.
bool matches(const NodeSelectorTerm& term, const Labels& labels, std::string_view name);
bool matches(const NodeSelector& selector, const Labels& labels, std::string_view name);

/// "tier In (front, back)", for a person.
std::string text_of(const LabelRequirement& requirement);

}  // namespace nodenap
