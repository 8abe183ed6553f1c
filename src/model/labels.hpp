#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nodenap {

/// Labels or annotations: each key once, sorted, so that a look-up is a search and equal sets are
/// equal values.
class Labels {
public:
    using Entry = std::pair<std::string, std::string>;

    Labels() = default;
    /// Of a key that is there twice, the last value counts, as in JSON.
    explicit Labels(std::vector<Entry> entries);
    Labels(std::initializer_list<Entry> entries) : Labels(std::vector<Entry>(entries)) {}

    /// Null where there is none.
    const std::string* find(std::string_view key) const;
    bool has(std::string_view key) const { return find(key) != nullptr; }
    void set(std::string key, std::string value);

    bool empty() const { return entries_.empty(); }
    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }

    friend bool operator==(const Labels&, const Labels&) = default;
    friend bool operator<(const Labels& a, const Labels& b) { return a.entries_ < b.entries_; }

private:
    std::vector<Entry> entries_;
};

/// What an expression of a selector asks of a label. `unknown` is one that Kubernetes added later:
/// it matches nothing.
enum class LabelOperator { in, not_in, exists, does_not_exist, greater, less, unknown };

struct LabelRequirement {
    std::string key;
    LabelOperator op = LabelOperator::unknown;
    std::vector<std::string> values;
    friend bool operator==(const LabelRequirement&, const LabelRequirement&) = default;
};

/// A LabelSelector, its matchLabels written as `in` with one value; all must hold. Without
/// requirements it selects everything; an absent one (std::nullopt of it) selects nothing.
struct LabelSelector {
    std::vector<LabelRequirement> requirements;
    friend bool operator==(const LabelSelector&, const LabelSelector&) = default;
};

/// One of the terms of a NodeSelector: all of both lists must hold; without any it selects nothing.
struct NodeSelectorTerm {
    std::vector<LabelRequirement> labels;
    std::vector<LabelRequirement> fields;  // metadata.name is the only one
    friend bool operator==(const NodeSelectorTerm&, const NodeSelectorTerm&) = default;
};

/// One term is enough; without terms it selects nothing.
struct NodeSelector {
    std::vector<NodeSelectorTerm> terms;
    friend bool operator==(const NodeSelector&, const NodeSelector&) = default;
};

}  // namespace nodenap
