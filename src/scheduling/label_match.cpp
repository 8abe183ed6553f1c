#include "scheduling/label_match.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace nodenap {

namespace {

constexpr std::size_t longest_value = 63;
constexpr std::string_view name_field = "metadata.name";

/// A decimal number with or without a sign, as strconv.ParseInt reads it.
std::optional<std::int64_t> number_of(std::string_view text) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    std::int64_t number = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9') return std::nullopt;
        const auto value = static_cast<std::int64_t>(digit - '0');
        if (number > (most - value) / 10) return std::nullopt;
        number = number * 10 + value;
    }
    return negative ? -number : number;
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_label_value(std::string_view value) {
    const auto may_be_within = [](char c) {
        return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
    };
    if (value.empty()) return true;
    return value.size() <= longest_value && is_letter_or_digit(value.front()) &&
           is_letter_or_digit(value.back()) && std::ranges::all_of(value, may_be_within);
}

bool has_value(const LabelRequirement& requirement, const std::string* value) {
    return value != nullptr &&
           std::ranges::find(requirement.values, *value) != requirement.values.end();
}

bool compares(const LabelRequirement& requirement, const std::string* value) {
    if (value == nullptr || requirement.values.size() != 1) return false;
    const auto has = number_of(*value);
    const auto wanted = number_of(requirement.values.front());
    if (!has || !wanted) return false;
    return requirement.op == LabelOperator::greater ? *has > *wanted : *has < *wanted;
}

bool is_valid_field(const LabelRequirement& requirement) {
    const bool known =
        requirement.op == LabelOperator::in || requirement.op == LabelOperator::not_in;
    return known && requirement.values.size() == 1;
}

bool field_matches(const LabelRequirement& requirement, std::string_view name) {
    const auto has = requirement.key == name_field ? name : std::string_view();
    const bool equal = has == requirement.values.front();
    return equal == (requirement.op == LabelOperator::in);
}

}  // namespace

bool is_valid(const LabelRequirement& requirement) {
    const auto& values = requirement.values;
    if (!std::ranges::all_of(values, is_label_value)) return false;
    switch (requirement.op) {
        case LabelOperator::in:
        case LabelOperator::not_in:
            return !values.empty();
        case LabelOperator::exists:
        case LabelOperator::does_not_exist:
            return values.empty();
        case LabelOperator::greater:
        case LabelOperator::less:
            return values.size() == 1 && number_of(values.front()).has_value();
        case LabelOperator::unknown:
            return false;
    }
    return false;
}

bool matches(const LabelRequirement& requirement, const Labels& labels) {
    const auto* const value = labels.find(requirement.key);
    switch (requirement.op) {
        case LabelOperator::in:
            return has_value(requirement, value);
        case LabelOperator::not_in:
            return !has_value(requirement, value);
        case LabelOperator::exists:
            return value != nullptr;
        case LabelOperator::does_not_exist:
            return value == nullptr;
        case LabelOperator::greater:
        case LabelOperator::less:
            return compares(requirement, value);
        case LabelOperator::unknown:
            return false;
    }
    return false;
}

bool matches(const LabelSelector& selector, const Labels& labels) {
    return std::ranges::all_of(selector.requirements, [&](const auto& requirement) {
        return is_valid(requirement) && matches(requirement, labels);
    });
}

bool matches(const std::optional<LabelSelector>& selector, const Labels& labels) {
    return selector && matches(*selector, labels);
}

bool matches(const NodeSelectorTerm& term, const Labels& labels, std::string_view name) {
    if (term.labels.empty() && term.fields.empty()) return false;
    if (!std::ranges::all_of(term.labels, is_valid)) return false;
    if (!std::ranges::all_of(term.fields, is_valid_field)) return false;
    const auto label_matches = [&](const auto& each) { return matches(each, labels); };
    const auto name_matches = [&](const auto& each) { return field_matches(each, name); };
    return std::ranges::all_of(term.labels, label_matches) &&
           (name.empty() || std::ranges::all_of(term.fields, name_matches));
}

bool matches(const NodeSelector& selector, const Labels& labels, std::string_view name) {
    return std::ranges::any_of(selector.terms,
                               [&](const auto& term) { return matches(term, labels, name); });
}

std::string text_of(const LabelRequirement& requirement) {
    constexpr std::string_view names[] = {"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", "?"};
    auto text =
        requirement.key + " " + std::string(names[static_cast<std::size_t>(requirement.op)]);
    std::string values;
    for (const auto& value : requirement.values)
        values += (values.empty() ? "" : ", ") + (value.empty() ? std::string("\"\"") : value);
    return values.empty() ? text : text + " (" + values + ")";
}

}  // namespace nodenap
