#include "adapters/prometheus/promql.hpp"

#include "adapters/prometheus/queries.hpp"

namespace nodenap {

namespace {

// --- pods ---------------------------------------------------------------------------------------
// "max by(namespace,pod,uid)": two kube-state-metrics, or one scraped twice, count a pod once.

/// Pods the scheduler found no place for. kube-state-metrics says so of gated pods too, and goes
/// on saying it of those being deleted; a replica of it whose watch broke also of pods that have
/// a node by now, and a pod never leaves its node. Absent, not 0, where no pod waits.
constexpr std::string_view unschedulable =
    "(max by(namespace,pod,uid)(kube_pod_status_unschedulable == 1)"
    " unless on(namespace,pod,uid) (kube_pod_status_reason{reason=\"SchedulingGated\"} == 1)"
    " unless on(namespace,pod,uid) kube_pod_deletion_timestamp"
    " unless on(namespace,pod,uid) kube_pod_info{node!=\"\"}"
    " unless on(namespace,pod,uid) (kube_pod_status_scheduled{condition=\"true\"} == 1))";
/// What kube-scheduler reserves for a pod: the sum of its containers, or its largest init container
/// if that is more; with it all sidecars (init containers that are restarted for ever), and the
/// overhead of its RuntimeClass. An init container runs beside the sidecars before it only, but
/// their order is not told: the bound is the larger one.
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
/// Told of pods that have a node only.
constexpr std::string_view sidecar = "kube_pod_init_container_info{restart_policy=\"Always\"}";
constexpr std::string_view pod_overhead =
    "(label_replace(max by(namespace,pod,uid)(kube_pod_overhead_cpu_cores),"
    "\"resource\",\"cpu\",\"\",\"\")"
    " or label_replace(max by(namespace,pod,uid)(kube_pod_overhead_memory_bytes),"
    "\"resource\",\"memory\",\"\",\"\"))";
/// Pods with a place, and those of them, or any, that take up nothing more.
constexpr std::string_view bound = "max by(namespace,pod,uid,node)(kube_pod_info{node!=\"\"})";
constexpr std::string_view finished = "(kube_pod_status_phase{phase=~\"Succeeded|Failed\"} == 1)";
/// Whoever makes a pod may give it further owners of any kind: whose it is, its one controller
/// says.
constexpr std::string_view controllers = "kube_pod_owner{owner_is_controller=\"true\"";
/// Pods that come with every node: of DaemonSets, and static ones, which the Node itself owns.
constexpr std::string_view of_daemonsets =
    "max by(namespace,pod,uid)($controllers,owner_kind=~\"DaemonSet|Node\"})";
/// Each pod that takes up its place once, marked with whose it is.
constexpr std::string_view placed_and_marked =
    "((label_replace($bound and on(namespace,pod,uid) $daemonsets,"
    "\"of\",\"daemonset\",\"\",\"\")"
    " or on(namespace,pod,uid) label_replace($bound,\"of\",\"other\",\"\",\"\"))"
    " unless on(namespace,pod,uid) $finished)";
/// Pods with a place that are being deleted and end before a new node could come. The timestamp has
/// the grace period in it; a minute after it they hang, and nobody knows until when.
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
/// Bound volumes on one node's own disk: K3s' local-path, hostPath, or local.
constexpr std::string_view local_volumes =
    "((kube_persistentvolume_info{storageclass=\"local-path\"}"
    " or kube_persistentvolume_info{host_path!=\"\"}"
    " or kube_persistentvolume_info{local_path!=\"\"})"
    " and on(persistentvolume) (kube_persistentvolume_status_phase{phase=\"Bound\"} == 1))";
/// Claims and their volumes, under the name that a volume's own series have for it. Whoever makes a
/// claim may name any volume: one that another claim has leaves it Pending or Lost, not Bound.
constexpr std::string_view claimed_volumes =
    "label_replace(kube_persistentvolumeclaim_info{volumename!=\"\"}"
    " unless on(namespace,persistentvolumeclaim) max by(namespace,persistentvolumeclaim)"
    "(kube_persistentvolumeclaim_status_phase{phase=\"Bound\"}) == 0,"
    "\"persistentvolume\",\"$1\",\"volumename\",\"(.+)\")";

// --- what both requests ask ---------------------------------------------------------------------

/// There while kube-state-metrics is seen at all, pods waiting or not.
constexpr std::string_view any_pod = "count(kube_pod_info)";
/// There where a target's own labels took the place of kube-state-metrics' (honor_labels is off):
/// then all pods seem to stand on the node of kube-state-metrics, and it seems to be the only one.
constexpr std::string_view overwritten =
    "count(kube_node_info{exported_node!=\"\"}) or count(kube_pod_info{exported_node!=\"\"})"
    " or count(kube_pod_info{exported_namespace!=\"\"})"
    " or count(kube_pod_info{exported_pod!=\"\"})";
/// Every Node with the labels that its scraper gave it, where these differ: two replicas of one
/// Prometheus then give the same Nodes, two clusters each their own. A shard of kube-state-metrics
/// gives Nodes of its own too, so that labels of one target tell nothing.
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
