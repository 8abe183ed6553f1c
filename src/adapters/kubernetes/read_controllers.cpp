#include "adapters/kubernetes/read_meta.hpp"
#include "adapters/kubernetes/read_objects.hpp"
#include "adapters/kubernetes/read_pod.hpp"

namespace nodenap {

namespace {

/// A PodTemplateSpec: the pod that its controller would make.
Pod read_template(JsonValue& value) {
    Pod pod;
    PodRequestParts parts;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "metadata") pod.labels = read_meta(member).labels;
        if (key == "spec") read_pod_spec(member, pod, parts);
    });
    pod.requests = requests_of_spec(parts);
    return pod;
}

}  // namespace

NamespaceLabels read_namespace(JsonValue& value) {
    NamespaceLabels result;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key != "metadata") return;
        auto meta = read_meta(member);
        result = {std::move(meta.name), std::move(meta.labels)};
    });
    return result;
}

DisruptionBudget read_budget(JsonValue& value) {
    DisruptionBudget budget;
    const auto read_spec = [&](std::string_view key, JsonValue& member) {
        if (key == "selector") budget.selector = read_label_selector(member);
        if (key == "unhealthyPodEvictionPolicy")
            budget.always_allow_unhealthy = member.view() == "AlwaysAllow";
    };
    const auto read_status = [&](std::string_view key, JsonValue& member) {
        if (key == "disruptionsAllowed") budget.disruptions_allowed = member.whole();
    };
    value.members([&](std::string_view part, JsonValue& inner) {
        if (part == "spec") inner.members(read_spec);
        if (part == "status") inner.members(read_status);
        if (part != "metadata") return;
        auto meta = read_meta(inner);
        budget.namespace_name = std::move(meta.namespace_name);
        budget.name = std::move(meta.name);
    });
    return budget;
}

DaemonSet read_daemonset(JsonValue& value) {
    DaemonSet set;
    value.members([&](std::string_view part, JsonValue& inner) {
        if (part == "metadata") {
            auto meta = read_meta(inner);
            set.namespace_name = std::move(meta.namespace_name);
            set.name = std::move(meta.name);
            set.uid = std::move(meta.uid);
        }
        if (part != "spec") return;
        inner.members([&](std::string_view key, JsonValue& member) {
            if (key == "template") set.pod = read_template(member);
        });
    });
    set.pod.namespace_name = set.namespace_name;
    set.pod.controller = Owner{"DaemonSet", set.name, set.uid};
    return set;
}

PodController read_pod_controller(JsonValue& value, std::string_view kind) {
    PodController result;
    result.kind = kind;
    value.members([&](std::string_view part, JsonValue& inner) {
        if (part == "metadata") {
            auto meta = read_meta(inner);
            result.namespace_name = std::move(meta.namespace_name);
            result.name = std::move(meta.name);
            result.uid = std::move(meta.uid);
            result.controller = std::move(meta.controller);
        }
        if (part != "spec") return;
        inner.members([&](std::string_view key, JsonValue& member) {
            if (key == "replicas") result.replicas = member.whole();
        });
    });
    return result;
}

}  // namespace nodenap
