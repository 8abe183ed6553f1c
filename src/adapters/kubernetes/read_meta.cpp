#include "adapters/kubernetes/read_meta.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace nodenap {

namespace {

constexpr std::array<std::string_view, 6> read_annotations = {
    "cluster-autoscaler.kubernetes.io/safe-to-evict",
    "karpenter.sh/do-not-disrupt",
    "kubernetes.io/config.mirror",
    "pv.kubernetes.io/bind-completed",
    "volume.beta.kubernetes.io/storage-class",
    "volume.kubernetes.io/selected-node"};

Labels read_annotations_of(JsonValue& value, KeptAnnotations kept) {
    std::vector<Labels::Entry> entries;
    value.members([&](std::string_view key, JsonValue& member) {
        const bool keep = kept == KeptAnnotations::all ||
                          std::ranges::find(read_annotations, key) != read_annotations.end();
        if (keep) entries.emplace_back(key, member.view());
    });
    return Labels(std::move(entries));
}

std::optional<Owner> read_controller(JsonValue& value) {
    std::optional<Owner> controller;
    value.elements([&](JsonValue& reference) {
        Owner owner;
        bool is_controller = false;
        reference.members([&](std::string_view key, JsonValue& member) {
            if (key == "kind") owner.kind = member.text();
            if (key == "name") owner.name = member.text();
            if (key == "uid") owner.uid = member.text();
            if (key == "controller") is_controller = member.flag();
        });
        if (is_controller) controller = std::move(owner);
    });
    return controller;
}

LabelOperator operator_of(std::string_view name) {
    constexpr std::pair<std::string_view, LabelOperator> operators[] = {
        {"In", LabelOperator::in},         {"NotIn", LabelOperator::not_in},
        {"Exists", LabelOperator::exists}, {"DoesNotExist", LabelOperator::does_not_exist},
        {"Gt", LabelOperator::greater},    {"Lt", LabelOperator::less}};
    for (const auto& [known, op] : operators)
        if (known == name) return op;
    return LabelOperator::unknown;
}

std::vector<LabelRequirement> read_requirements(JsonValue& value) {
    std::vector<LabelRequirement> requirements;
    value.elements([&](JsonValue& element) {
        auto& requirement = requirements.emplace_back();
        element.members([&](std::string_view key, JsonValue& member) {
            if (key == "key") requirement.key = member.text();
            if (key == "operator") requirement.op = operator_of(member.view());
            if (key == "values") requirement.values = read_texts(member);
        });
    });
    return requirements;
}

}  // namespace

std::vector<std::string> read_texts(JsonValue& value) {
    std::vector<std::string> texts;
    value.elements([&](JsonValue& element) { texts.push_back(element.text()); });
    return texts;
}

Labels read_labels(JsonValue& value) {
    std::vector<Labels::Entry> entries;
    value.members(
        [&](std::string_view key, JsonValue& member) { entries.emplace_back(key, member.view()); });
    return Labels(std::move(entries));
}

ObjectMeta read_meta(JsonValue& value, KeptAnnotations kept) {
    ObjectMeta meta;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "name") meta.name = member.text();
        if (key == "namespace") meta.namespace_name = member.text();
        if (key == "uid") meta.uid = member.text();
        if (key == "labels") meta.labels = read_labels(member);
        if (key == "annotations") meta.annotations = read_annotations_of(member, kept);
        if (key == "creationTimestamp") meta.created_at = member.time();
        if (key == "deletionTimestamp") meta.deleted_at = member.time();
        if (key == "ownerReferences") meta.controller = read_controller(member);
    });
    return meta;
}

/// Whichever comes first in the document: equal selectors are equal values.
LabelSelector read_label_selector(JsonValue& value) {
    LabelSelector selector;
    std::vector<LabelRequirement> expressions;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "matchExpressions") expressions = read_requirements(member);
        if (key == "matchLabels")
            for (const auto& [label, wanted] : read_labels(member))
                selector.requirements.push_back({label, LabelOperator::in, {wanted}});
    });
    std::ranges::move(expressions, std::back_inserter(selector.requirements));
    return selector;
}

NodeSelector read_node_selector(JsonValue& value) {
    NodeSelector selector;
    const auto read_term = [&](JsonValue& element) {
        auto& term = selector.terms.emplace_back();
        element.members([&](std::string_view key, JsonValue& member) {
            if (key == "matchExpressions") term.labels = read_requirements(member);
            if (key == "matchFields") term.fields = read_requirements(member);
        });
    };
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "nodeSelectorTerms") member.elements(read_term);
    });
    return selector;
}

}  // namespace nodenap
