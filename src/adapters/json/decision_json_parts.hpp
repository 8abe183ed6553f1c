#pragma once

#include "adapters/json/decision_json.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <optional>
#include <string>

/// Shared by the files of decision_json; not included elsewhere.
namespace nodenap {

using OrderedJson = nlohmann::ordered_json;

OrderedJson plan_document(const Plan& plan);
OrderedJson reasons_document(const std::vector<Reason>& reasons);
OrderedJson unplaceable_document(const std::vector<UnplaceablePod>& pods);
OrderedJson record_document(const Record& record);

/// Shortens a record whose text exceeds `most_bytes`: the lists of pods are cut and "shortened" is
/// set to true.
OrderedJson shortened_document(const Record& record, std::size_t most_bytes);

/// Removes every empty list and map from an object, at any depth; elements of lists are kept.
void drop_empty(OrderedJson& document);

/// `indent` of -1: one line. Invalid UTF-8 becomes U+FFFD.
std::string dumped(const OrderedJson& document, int indent = -1);

/// Rounded to `decimals`; whole numbers are written without a fraction.
OrderedJson number(double value, int decimals);

/// Null if there is none.
OrderedJson time_or_null(const std::optional<Time>& time);

}  // namespace nodenap
