#include "scheduling/taints.hpp"

#include <algorithm>

namespace nodenap {

namespace {

bool tolerates_one(const Toleration& toleration, const Taint& taint) {
    if (toleration.effect && *toleration.effect != taint.effect) return false;
    if (!toleration.key.empty() && toleration.key != taint.key) return false;
    switch (toleration.op) {
        case TolerationOperator::equal:
            return toleration.value == taint.value;
        case TolerationOperator::exists:
            return true;
        case TolerationOperator::unknown:
            return false;
    }
    return false;
}

std::string effect_name(TaintEffect effect) {
    switch (effect) {
        case TaintEffect::no_schedule:
            return "NoSchedule";
        case TaintEffect::prefer_no_schedule:
            return "PreferNoSchedule";
        case TaintEffect::no_execute:
            return "NoExecute";
        case TaintEffect::unknown:
            return "?";
    }
    return "?";
}

}  // namespace

bool tolerates(const std::vector<Toleration>& tolerations, const Taint& taint) {
    return std::ranges::any_of(tolerations,
                               [&](const auto& each) { return tolerates_one(each, taint); });
}

const Taint* untolerated_taint(const std::vector<Taint>& taints,
                               const std::vector<Toleration>& tolerations) {
    for (const auto& taint : taints) {
        const bool keeps_away =
            taint.effect == TaintEffect::no_schedule || taint.effect == TaintEffect::no_execute;
        if (keeps_away && !tolerates(tolerations, taint)) return &taint;
    }
    return nullptr;
}

std::string text_of(const Taint& taint) {
    return taint.key + (taint.value.empty() ? "" : "=" + taint.value) + ":" +
           effect_name(taint.effect);
}

std::optional<std::string> cordon_refusal(const Pod& pod, const ClusterNode& node) {
    const Taint cordon{"node.kubernetes.io/unschedulable", "", TaintEffect::no_schedule};
    if (!node.unschedulable || tolerates(pod.rules.tolerations, cordon)) return std::nullopt;
    return "the node is cordoned";
}

std::optional<std::string> taint_refusal(const Pod& pod, const ClusterNode& node) {
    const auto* const taint = untolerated_taint(node.taints, pod.rules.tolerations);
    if (taint == nullptr) return std::nullopt;
    return "taint " + text_of(*taint) + " is not tolerated";
}

}  // namespace nodenap
