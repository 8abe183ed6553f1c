#include "adapters/kubernetes/read_meta.hpp"
#include "adapters/kubernetes/read_pod.hpp"

namespace nodenap {

namespace {

constexpr std::string_view required = "requiredDuringSchedulingIgnoredDuringExecution";

PodAffinityTerm read_affinity_term(JsonValue& value) {
    PodAffinityTerm term;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "topologyKey") term.topology_key = member.text();
        if (key == "labelSelector") term.selector = read_label_selector(member);
        if (key == "namespaces") term.namespaces = read_texts(member);
        if (key == "namespaceSelector") term.namespace_selector = read_label_selector(member);
    });
    return term;
}

std::vector<PodAffinityTerm> read_required_terms(JsonValue& value) {
    std::vector<PodAffinityTerm> terms;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key != required) return;
        member.elements([&](JsonValue& element) { terms.push_back(read_affinity_term(element)); });
    });
    return terms;
}

TaintEffect effect_of(std::string_view name) {
    if (name == "NoSchedule") return TaintEffect::no_schedule;
    if (name == "PreferNoSchedule") return TaintEffect::prefer_no_schedule;
    if (name == "NoExecute") return TaintEffect::no_execute;
    return TaintEffect::unknown;
}

TolerationOperator toleration_operator_of(std::string_view name) {
    if (name.empty() || name == "Equal") return TolerationOperator::equal;
    return name == "Exists" ? TolerationOperator::exists : TolerationOperator::unknown;
}

SpreadConstraint read_spread_constraint(JsonValue& value) {
    SpreadConstraint constraint;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == "maxSkew") constraint.max_skew = member.whole();
        if (key == "topologyKey") constraint.topology_key = member.text();
        if (key == "whenUnsatisfiable")
            constraint.do_not_schedule = member.view() == "DoNotSchedule";
        if (key == "labelSelector") constraint.selector = read_label_selector(member);
        if (key == "minDomains") constraint.min_domains = member.whole();
        if (key == "nodeAffinityPolicy") constraint.honor_node_affinity = member.view() == "Honor";
        if (key == "nodeTaintsPolicy") constraint.honor_node_taints = member.view() == "Honor";
        if (key == "matchLabelKeys") constraint.match_label_keys = read_texts(member);
    });
    return constraint;
}

/// The member of a disk's source that says which disk it is.
struct DiskSource {
    std::string_view source;
    VolumeKind kind;
    std::string_view id;
};

constexpr DiskSource disk_sources[] = {{"awsElasticBlockStore", VolumeKind::ebs, "volumeID"},
                                       {"gcePersistentDisk", VolumeKind::gce_disk, "pdName"},
                                       {"iscsi", VolumeKind::iscsi, "iqn"},
                                       {"rbd", VolumeKind::rbd, "image"}};

void read_disk(JsonValue& value, const DiskSource& source, PodVolume& volume) {
    std::string pool = "rbd";
    volume.kind = source.kind;
    value.members([&](std::string_view key, JsonValue& member) {
        if (key == source.id) volume.disk = member.text();
        if (key == "readOnly") volume.read_only = member.flag();
        if (key == "monitors") volume.monitors = read_texts(member);
        if (key == "pool") pool = member.text();
    });
    if (source.kind == VolumeKind::rbd) volume.disk.insert(0, pool + "/");
}

void read_volume_source(std::string_view source, JsonValue& value, PodVolume& volume) {
    if (source == "persistentVolumeClaim") {
        volume.kind = VolumeKind::claim;
        value.members([&](std::string_view key, JsonValue& member) {
            if (key == "claimName") volume.claim = member.text();
        });
    } else if (source == "emptyDir") {
        volume.kind = VolumeKind::empty_dir;
        value.members([&](std::string_view key, JsonValue& member) {
            if (key == "medium") volume.in_memory = member.view() == "Memory";
        });
    } else if (source == "ephemeral") {
        volume.kind = VolumeKind::ephemeral;
    } else if (source == "hostPath") {
        volume.kind = VolumeKind::host_path;
    } else {
        for (const auto& disk : disk_sources)
            if (source == disk.source) read_disk(value, disk, volume);
    }
}

}  // namespace

void read_affinity(JsonValue& value, PodRules& rules) {
    value.members([&](std::string_view kind, JsonValue& affinity) {
        if (kind == "podAffinity") rules.affinity = read_required_terms(affinity);
        if (kind == "podAntiAffinity") rules.anti_affinity = read_required_terms(affinity);
        if (kind != "nodeAffinity") return;
        affinity.members([&](std::string_view key, JsonValue& member) {
            if (key == required) rules.node_affinity = read_node_selector(member);
        });
    });
}

std::vector<Toleration> read_tolerations(JsonValue& value) {
    std::vector<Toleration> tolerations;
    value.elements([&](JsonValue& element) {
        auto& toleration = tolerations.emplace_back();
        element.members([&](std::string_view key, JsonValue& member) {
            if (key == "key") toleration.key = member.text();
            if (key == "operator") toleration.op = toleration_operator_of(member.view());
            if (key == "value") toleration.value = member.text();
            if (key != "effect") return;
            const auto effect = member.view();
            if (!effect.empty()) toleration.effect = effect_of(effect);
        });
    });
    return tolerations;
}

std::vector<Taint> read_taints(JsonValue& value) {
    std::vector<Taint> taints;
    value.elements([&](JsonValue& element) {
        auto& taint = taints.emplace_back();
        element.members([&](std::string_view key, JsonValue& member) {
            if (key == "key") taint.key = member.text();
            if (key == "value") taint.value = member.text();
            if (key == "effect") taint.effect = effect_of(member.view());
        });
    });
    return taints;
}

std::vector<SpreadConstraint> read_spread_constraints(JsonValue& value) {
    std::vector<SpreadConstraint> constraints;
    value.elements(
        [&](JsonValue& element) { constraints.push_back(read_spread_constraint(element)); });
    return constraints;
}

std::vector<PodVolume> read_pod_volumes(JsonValue& value) {
    std::vector<PodVolume> volumes;
    value.elements([&](JsonValue& element) {
        auto& volume = volumes.emplace_back();
        element.members([&](std::string_view key, JsonValue& member) {
            if (key == "name") {
                volume.name = member.text();
            } else {
                read_volume_source(key, member, volume);
            }
        });
    });
    return volumes;
}

}  // namespace nodenap
