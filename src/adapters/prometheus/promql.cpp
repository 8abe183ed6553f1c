#include "adapters/prometheus/queries.hpp"

namespace nodenap {

namespace {

// --- pods ---------------------------------------------------------------------------------------
// "max by(namespace,pod,uid)": with two kube-state-metrics, or one scraped twice, a pod counts
// once.

/// Unschedulable pods. kube-state-metrics also reports gated pods and pods being deleted; a replica
/// with a broken watch also reports pods that have a node by now (a pod never leaves its node).
/// Absent, not 0, if no pod is pending.
constexpr std::string_view unschedulable =
    "(max by(namespace,pod,uid)(kube_pod_status_unschedulable == 1)"
    " unless on(namespace,pod,uid) (kube_pod_status_reason{reason=\"SchedulingGated\"} == 1)"
    " unless on(namespace,pod,uid) kube_pod_deletion_timestamp"
    " unless on(namespace,pod,uid) kube_pod_info{node!=\"\"}"
    " unless on(namespace,pod,uid) (kube_pod_status_scheduled{condition=\"true\"} == 1))";
/// The resources kube-scheduler reserves for a pod: the sum of its containers, or its largest init
/// container if that is more; plus all sidecars (init containers with restartPolicy Always) and the
/// overhead of its RuntimeClass. An init container runs only alongside the sidecars before it, but
/// their order is not reported, so the upper bound is used.
constexpr std::string_view pod_requests =
    "sum by(namespace,pod,uid,resource)("
    "label_replace(max by(namespace,pod,uid,resource)("
    "label_replace(sum by(namespace,pod,uid,resource)(max by(namespace,pod,uid,container,resource)"
    "(kube_pod_container_resource_requests{resource=~\"cpu|memory\"})),\"of\",\"all\",\"\",\"\")"
    " or label_replace(max by(namespace,pod,uid,resource)($init"
    " unless on(namespace,pod,uid,container) $sidecar),\"of\",\"init\",\"\",\"\")),"
    "\"of\",\"pod\",\"\",\"\")"
    " or label_replace(sum by(namespace,pod,uid,resource)(max "
    "by(namespace,pod,uid,container,resource)"
    "($init and on(namespace,pod,uid,container) $sidecar)),\"of\",\"sidecars\",\"\",\"\")"
    " or label_replace($overhead,\"of\",\"overhead\",\"\",\"\"))";
constexpr std::string_view init_requests =
    "kube_pod_init_container_resource_requests{resource=~\"cpu|memory\"}";
/// Reported only for pods that have a node.
constexpr std::string_view sidecar = "kube_pod_init_container_info{restart_policy=\"Always\"}";
constexpr std::string_view pod_overhead =
    "(label_replace(max by(namespace,pod,uid)(kube_pod_overhead_cpu_cores),"
    "\"resource\",\"cpu\",\"\",\"\")"
    " or label_replace(max by(namespace,pod,uid)(kube_pod_overhead_memory_bytes),"
    "\"resource\",\"memory\",\"\",\"\"))";
/// Scheduled pods, and finished pods, which use no resources any more.
constexpr std::string_view bound = "max by(namespace,pod,uid,node)(kube_pod_info{node!=\"\"})";
constexpr std::string_view finished = "(kube_pod_status_phase{phase=~\"Succeeded|Failed\"} == 1)";
/// A pod may have several owners of any kind; only its controller counts.
constexpr std::string_view controllers = "kube_pod_owner{owner_is_controller=\"true\"";
/// Pods that run on every node: those of DaemonSets, and static pods, which the Node itself owns.
constexpr std::string_view of_daemonsets =
    "max by(namespace,pod,uid)($controllers,owner_kind=~\"DaemonSet|Node\"})";
/// Each scheduled and unfinished pod once, marked as DaemonSet pod or other.
constexpr std::string_view placed_and_marked =
    "((label_replace($bound and on(namespace,pod,uid) $daemonsets,"
    "\"of\",\"daemonset\",\"\",\"\")"
    " or on(namespace,pod,uid) label_replace($bound,\"of\",\"other\",\"\",\"\"))"
    " unless on(namespace,pod,uid) $finished)";
/// Scheduled pods that are being deleted and will end before a new node could be ready. The
/// timestamp includes the grace period; a minute after it the pods hang for an unknown time.
constexpr std::string_view ending =
    "($bound and on(namespace,pod,uid) (kube_pod_deletion_timestamp - time() > -60 < 120)"
    " unless on(namespace,pod,uid) $finished unless on(namespace,pod,uid) $daemonsets)";

// --- volumes ------------------------------------------------------------------------------------

constexpr std::string_view claims_of_pods =
    "max by(namespace,pod,uid,persistentvolumeclaim)"
    "(kube_pod_spec_volumes_persistentvolumeclaims_info)";
constexpr std::string_view unbound =
    "(kube_persistentvolumeclaim_status_phase{phase=\"Pending\"} == 1"
    " unless on(namespace,persistentvolumeclaim)"
    " (kube_persistentvolumeclaim_status_phase{phase=\"Bound\"} == 1))";
/// Bound volumes on one node's local disk: K3s's local-path, hostPath, or local.
constexpr std::string_view local_volumes =
    "((kube_persistentvolume_info{storageclass=\"local-path\"}"
    " or kube_persistentvolume_info{host_path!=\"\"}"
    " or kube_persistentvolume_info{local_path!=\"\"})"
    " and on(persistentvolume) (kube_persistentvolume_status_phase{phase=\"Bound\"} == 1))";
/// Claims and their volumes, under the label that the volumes' own series use. A claim may name any
/// volume; if another claim has that volume, the claim is Pending or Lost, not Bound.
constexpr std::string_view claimed_volumes =
    "label_replace(kube_persistentvolumeclaim_info{volumename!=\"\"}"
    " unless on(namespace,persistentvolumeclaim) max by(namespace,persistentvolumeclaim)"
    "(kube_persistentvolumeclaim_status_phase{phase=\"Bound\"}) == 0,"
    "\"persistentvolume\",\"$1\",\"volumename\",\"(.+)\")";

// --- parts of both requests ---------------------------------------------------------------------

/// Present if kube-state-metrics is scraped at all, with pending pods or not.
constexpr std::string_view any_pod = "count(kube_pod_info)";
/// Present if a target's labels replaced those of kube-state-metrics (honor_labels is off): then
/// all pods seem to run on the node of kube-state-metrics, and it seems to be the only node.
constexpr std::string_view overwritten =
    "count(kube_node_info{exported_node!=\"\"}) or count(kube_pod_info{exported_node!=\"\"})"
    " or count(kube_pod_info{exported_namespace!=\"\"})"
    " or count(kube_pod_info{exported_pod!=\"\"})";
/// Every Node with the labels added by its Prometheus, if these differ: two replicas of one
/// Prometheus have the same Nodes, two clusters different ones. A shard of kube-state-metrics has
/// Nodes of its own too, so labels of single targets prove nothing.
constexpr std::string_view clusters =
    "(max without($details)(kube_node_info) and on()"
    " (count(max without($details,$identity)(kube_node_info)) > 1))";
constexpr std::string_view node_details =
    "kernel_version,os_image,container_runtime_version,kubelet_version,kubeproxy_version,"
    "deprecated_kubeproxy_version,pod_cidr,"
    "instance,job,endpoint,service,namespace,pod,container,uid,metrics_path,scheme,host,hostname,"
    "pod_ip,pod_name,node_name,host_ip,kubernetes_namespace,kubernetes_name,kubernetes_node,"
    "kubernetes_pod_name,kubernetes_io_hostname,pod_template_hash,controller_revision_hash,"
    "statefulset_kubernetes_io_pod_name,apps_kubernetes_io_pod_index,shard,replica,"
    "prometheus_replica";

std::string identity_list() {
    std::string list;
    for (const auto label : node_identity) list.append(list.empty() ? "" : ",").append(label);
    return list;
}

}  // namespace

std::string with(std::string query, std::string_view name, std::string_view text) {
    for (auto at = query.find(name); at != query.npos; at = query.find(name, at + text.size()))
        query.replace(at, name.size(), text);
    return query;
}

std::string filled(std::string_view query) {
    auto text = with(std::string(query), "$any_pod", any_pod);
    text = with(std::move(text), "$overwritten", overwritten);
    text = with(with(std::move(text), "$clusters", clusters), "$details", node_details);
    text = with(std::move(text), "$identity", identity_list());
    text = with(with(std::move(text), "$marked", placed_and_marked), "$ending", ending);
    text = with(std::move(text), "$requests", pod_requests);
    text = with(with(std::move(text), "$init", init_requests), "$sidecar", sidecar);
    text = with(with(std::move(text), "$overhead", pod_overhead), "$unbound", unbound);
    text = with(std::move(text), "$local_volumes", local_volumes);
    text = with(std::move(text), "$claimed_volumes", claimed_volumes);
    text = with(std::move(text), "$claims_of_pods", claims_of_pods);
    text = with(std::move(text), "$pending", unschedulable);
    text = with(with(std::move(text), "$bound", bound), "$finished", finished);
    text = with(std::move(text), "$daemonsets", of_daemonsets);
    return with(std::move(text), "$controllers", controllers);
}

std::string promql_duration(Milliseconds span) {
    const auto milliseconds = span.count();
    if (milliseconds % 1000 == 0) return std::to_string(milliseconds / 1000) + "s";
    return std::to_string(milliseconds) + "ms";
}

std::string combined(const std::vector<QueryPart>& parts) {
    std::string out;
    for (const auto& part : parts) {
        if (!out.empty()) out += "\nor ";
        out += "label_replace(" + part.text + ",\"" + std::string(part_label) + "\",\"" +
               std::string(part.name) + "\",\"\",\"\")";
    }
    return out;
}

}  // namespace nodenap
