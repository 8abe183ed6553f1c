#pragma once

#include "adapters/json/decision_json.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <optional>
#include <string>

/// Shared by the files of decision_json; included by no other.
namespace nodenap {

using OrderedJson = nlohmann::ordered_json;

OrderedJson plan_document(const Plan& plan);
OrderedJson reasons_document(const std::vector<Reason>& reasons);
OrderedJson unplaceable_document(const std::vector<UnplaceablePod>& pods);
OrderedJson record_document(const Record& record);

/// A record whose text is too long for `most_bytes`: the lists of pods are cut, longest first
/// in what they say, and "shortened" is true.
OrderedJson shortened_document(const Record& record, std::size_t most_bytes);

/// Takes every empty list and map out of an object, at any depth; elements of lists stay.
void drop_empty(OrderedJson& document);

/// `indent` of -1: one line. Invalid UTF-8 becomes U+FFFD.
std::string dumped(const OrderedJson& document, int indent = -1);

/// Rounded to `decimals`; whole numbers are written without a fraction.
OrderedJson number(double value, int decimals);

/// Null where there is none.
OrderedJson time_or_null(const std::optional<Time>& time);

}  // namespace nodenap
