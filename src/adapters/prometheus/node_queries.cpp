#include "adapters/prometheus/queries.hpp"

namespace nodenap {

namespace {

// --- nodes --------------------------------------------------------------------------------------

constexpr std::string_view node_info = "max by(node,provider_id,internal_ip)(kube_node_info)";
constexpr std::string_view node_ready =
    "max by(node)(kube_node_status_condition{condition=\"Ready\",status=\"true\"})";
constexpr std::string_view node_created = "max by(node)(kube_node_created)";
constexpr std::string_view node_allocatable =
    "max by(node,resource)(kube_node_status_allocatable{resource=~\"cpu|memory|pods\"})";
constexpr std::string_view node_cordoned = "max by(node)(kube_node_spec_unschedulable)";
/// Taints that keep ordinary pods away, without those that only repeat that a node is not Ready.
constexpr std::string_view node_tainted =
    "max by(node,key,value,effect)(kube_node_spec_taint{effect=~\"NoSchedule|NoExecute\","
    "key!~\"node[.]kubernetes[.]io/(not-ready|unreachable)\"})";
/// Servers, by their role label, which NodeRestriction protects: a kubelet can set any taint on its
/// Node, but not this label.
constexpr std::string_view node_server =
    "max by(node)(kube_node_role{role=~\"control-plane|master|etcd\"})";
/// Pods that wait for their node's kubelet to delete them; if it is dead, forever.
constexpr std::string_view node_deleted_pods =
    "count by(node)($bound and on(namespace,pod,uid) kube_pod_deletion_timestamp"
    " unless on(namespace,pod,uid) $finished unless on(namespace,pod,uid) $daemonsets)";
/// kube-scheduler's requests (/metrics/resources) of scheduled pods, instead of the sum over their
/// containers, since they include pod-level requests. These series have no uid. If they are not
/// scraped, this costs next to nothing: the innermost "and" is empty.
constexpr std::string_view scheduled =
    "max by(namespace,pod,uid,resource)("
    "(label_replace($scheduled_pods,\"resource\",\"cpu\",\"\",\"\")"
    " or label_replace($scheduled_pods,\"resource\",\"memory\",\"\",\"\"))"
    " * on(namespace,pod,resource) group_left()"
    " max by(namespace,pod,resource)(kube_pod_resource_request))";
constexpr std::string_view scheduled_pods =
    "max by(namespace,pod,uid)"
    "(kube_pod_info{node!=\"\"} and on(namespace,pod) kube_pod_resource_request)";
/// The requests of all pods, and their number as a resource. This is the most expensive expression,
/// so it is evaluated only once.
constexpr std::string_view node_requests =
    "sum by(node,resource,of)(($scheduled_requests or $requests"
    " or label_replace(max by(namespace,pod,uid)(kube_pod_info{node!=\"\"}),"
    "\"resource\",\"pods\",\"\",\"\"))"
    " * on(namespace,pod,uid) group_left(node,of) $marked)";
constexpr std::string_view node_addresses = "max by(node,address)(kube_node_status_addresses)";
/// The oldest of all nodes' newest samples: one node that kube-state-metrics stopped reporting is
/// enough.
constexpr std::string_view nodes_seen = "min(max by(node)(timestamp(kube_node_info)))";

// --- completeness of the data -------------------------------------------------------------------

/// By kubelet, pods with a container or cgroup that cAdvisor has just reported. Samples of ended
/// pods have explicit timestamps and remain for five minutes, hence the check of their age.
constexpr std::string_view running =
    "(max by(instance,namespace,pod)(timestamp(container_cpu_usage_seconds_total{pod!=\"\"}))"
    " > time() - $age_ms / 1000)";
constexpr std::string_view running_pods = "count by(instance)($running)";
constexpr std::string_view listed_pods =
    "count by(node)(max by(namespace,pod,node)(kube_pod_info{node!=\"\"}))";
constexpr std::string_view unlisted_pods =
    "count by(instance)($running unless on(namespace,pod) kube_pod_info)";
/// Without pods that have ended since: they were listed before.
constexpr std::string_view hidden_pods =
    "count by(instance)($running unless on(namespace,pod) kube_pod_info"
    " unless on(namespace,pod) (kube_pod_info offset $age))";
/// Present only if the telemetry port of kube-state-metrics is scraped.
constexpr std::string_view shards = "max(kube_state_metrics_total_shards)";
constexpr std::string_view shards_seen =
    "count(count by(shard_ordinal)(kube_state_metrics_shard_ordinal))";
constexpr std::string_view any_class = "count(kube_pod_status_qos_class{qos_class=\"BestEffort\"})";
/// Pods that request something, by their QoS class.
constexpr std::string_view requesters =
    "count(kube_pod_status_qos_class{qos_class=~\"Burstable|Guaranteed\"} == 1)";
/// One of the pods without a reported request that their QoS class implies: a Burstable pod
/// requests CPU or memory, a Guaranteed one both.
constexpr std::string_view without_requests =
    "topk by(resource)(1,($none_of_either or $none_of_cpu or $none_of_memory)"
    " unless on(namespace,pod,uid) $finished)";
constexpr std::string_view none_of =
    "label_replace(max by(namespace,pod,uid)"
    "(kube_pod_status_qos_class{qos_class=~\"$class\"} == 1)"
    " unless on(namespace,pod,uid) kube_pod_container_resource_requests{resource=~\"$kind\"}"
    " unless on(namespace,pod,uid)"
    " kube_pod_init_container_resource_requests{resource=~\"$kind\"}"
    " unless on(namespace,pod) kube_pod_resource_request{resource=~\"$kind\"},"
    "\"resource\",\"$kind\",\"\",\"\")";

// --- local volumes ------------------------------------------------------------------------------

constexpr std::string_view local_claims =
    "max by(namespace,persistentvolumeclaim,volumename)"
    "($claimed_volumes and on(persistentvolume) $local_volumes)";
/// A finished pod's data remains on the node where it ran.
constexpr std::string_view volume_users =
    "count by(node,volumename)($claims_of_pods"
    " * on(namespace,persistentvolumeclaim) group_left(volumename) ($local_claims)"
    " * on(namespace,pod,uid) group_left(node) $bound)";
/// Queried separately, since claims may be reported only in part.
constexpr std::string_view bound_volumes = "max by(persistentvolume)$local_volumes";
/// Present if any volumes are reported.
constexpr std::string_view volumes_seen =
    "count(kube_persistentvolume_info) and count(kube_persistentvolume_status_phase)";

/// The pods of these QoS classes without a reported request of this kind.
std::string none(std::string_view classes, std::string_view kind) {
    return with(with(std::string(none_of), "$class", classes), "$kind", kind);
}

}  // namespace

std::vector<QueryPart> node_parts(Milliseconds max_age) {
    const auto aged = [&](std::string_view query) {
        auto text = with(std::string(query), "$running", running);
        text = with(std::move(text), "$age_ms", std::to_string(max_age.count()));
        return with(std::move(text), "$age", promql_duration(max_age));
    };
    auto without = with(std::string(without_requests), "$none_of_either",
                        none("Burstable|Guaranteed", "cpu|memory"));
    without = with(std::move(without), "$none_of_cpu", none("Guaranteed", "cpu"));
    without = with(std::move(without), "$none_of_memory", none("Guaranteed", "memory"));
    const auto requests = with(with(std::string(node_requests), "$scheduled_requests", scheduled),
                               "$scheduled_pods", scheduled_pods);
    return {
        {"info", std::string(node_info)},
        {"addresses", std::string(node_addresses)},
        {"ready", std::string(node_ready)},
        {"created", std::string(node_created)},
        {"allocatable", std::string(node_allocatable)},
        {"cordoned", std::string(node_cordoned)},
        {"tainted", std::string(node_tainted)},
        {"server", std::string(node_server)},
        {"deleted_pods", filled(node_deleted_pods)},
        {"requests", filled(requests)},
        {"any_pod", filled("$any_pod")},
        {"overwritten", filled("$overwritten")},
        {"nodes_seen", std::string(nodes_seen)},
        {"running", aged(running_pods)},
        {"listed", std::string(listed_pods)},
        {"unlisted", aged(unlisted_pods)},
        {"hidden", aged(hidden_pods)},
        {"shards", std::string(shards)},
        {"shards_seen", std::string(shards_seen)},
        {"clusters", filled("$clusters")},
        {"any_class", std::string(any_class)},
        {"requesters", std::string(requesters)},
        {"without_requests", filled(without)},
        {"volumes", filled(local_claims)},
        {"volume_users", filled(with(std::string(volume_users), "$local_claims", local_claims))},
        {"bound_volumes", filled(bound_volumes)},
        {"volumes_seen", std::string(volumes_seen)}};
}

}  // namespace nodenap
