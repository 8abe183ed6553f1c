#include "adapters/prometheus_queries.hpp"

namespace nodenap {

namespace {

/// Puts `text` in place of each "$name".
std::string with(std::string query, std::string_view name, std::string_view text) {
    for (auto at = query.find(name); at != query.npos; at = query.find(name, at + text.size()))
        query.replace(at, name.size(), text);
    return query;
}

// --- use of the machines ------------------------------------------------------------------------
// "max by(instance)" over "by(instance,job,metrics_path)": a kubelet that is scraped by two jobs
// counts once, also where one of the two lost series to a relabel rule; the inner sum is for
// cAdvisors that report each CPU on a series of its own.

/// CPU seconds a second. The slope of the samples, not rate(): cAdvisor dates its samples, so that
/// the newest is up to half a minute old; rate() takes the gap for idleness and reads up to a fifth
/// too low, and far more where our clock is ahead. A counter that began again has no slope: there
/// rate() is right.
constexpr std::string_view slope =
    "((deriv($family[$window]) unless resets($family[$window]) > 0) or rate($family[$window]))";
constexpr std::string_view root_cpu = "container_cpu_usage_seconds_total{id=\"/\"}";
constexpr std::string_view kubelet_cpu = "node_cpu_usage_seconds_total";

/// Cores busy, from cAdvisor's root group.
constexpr std::string_view cpu_busy = "max by(instance)(sum by(instance,job,metrics_path)($slope))";
/// Cores there are. A target that is gone has none from its next scrape on, while the samples of
/// cAdvisor, which carry times of their own, stay for five minutes: hence only hosts with both.
constexpr std::string_view cpu_cores = "max by(instance)(machine_cpu_cores)";
/// When the root group was last seen; the slope itself has no age.
constexpr std::string_view cpu_seen =
    "max by(instance)(timestamp(container_cpu_usage_seconds_total{id=\"/\"}))";
/// The same from the kubelet's resource endpoint, where a relabel rule dropped id="/".
constexpr std::string_view kubelet_busy = "max by(instance)($slope)";
constexpr std::string_view kubelet_seen =
    "max by(instance)(timestamp(node_cpu_usage_seconds_total))";

/// Bytes that cannot be freed by dropping caches.
constexpr std::string_view memory_used =
    "max by(instance)(container_memory_working_set_bytes{id=\"/\"})";
constexpr std::string_view memory_size = "max by(instance)(machine_memory_bytes)";
constexpr std::string_view memory_seen =
    "max by(instance)(timestamp(container_memory_working_set_bytes{id=\"/\"}))";
constexpr std::string_view kubelet_memory_used = "max by(instance)(node_memory_working_set_bytes)";
constexpr std::string_view kubelet_memory_seen =
    "max by(instance)(timestamp(node_memory_working_set_bytes))";

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
/// Pods that come with every node: of DaemonSets, and static ones, which the Node itself owns.
constexpr std::string_view of_daemonsets =
    "max by(namespace,pod,uid)(kube_pod_owner{owner_kind=~\"DaemonSet|Node\"})";
/// There while kube-state-metrics is seen at all, pods waiting or not.
constexpr std::string_view any_pod = "count(kube_pod_info)";
/// There where a target's own labels took the place of kube-state-metrics' (honor_labels is off):
/// then all pods seem to stand on the node of kube-state-metrics, and it seems to be the only one.
constexpr std::string_view overwritten =
    "count(kube_node_info{exported_node!=\"\"}) or count(kube_pod_info{exported_node!=\"\"})"
    " or count(kube_pod_info{exported_namespace!=\"\"})"
    " or count(kube_pod_info{exported_pod!=\"\"})";
constexpr std::string_view pods_seen = "max(timestamp(kube_pod_info))";

/// The parts of what a pod asks for, each for itself, and of all resources.
constexpr std::string_view pending_requests =
    "sum by(namespace,pod,uid,resource)(max by(namespace,pod,uid,container,resource)"
    "(kube_pod_container_resource_requests)) and on(namespace,pod,uid) $pending";
constexpr std::string_view pending_init =
    "max by(namespace,pod,uid,container,resource)(kube_pod_init_container_resource_requests)"
    " and on(namespace,pod,uid) $pending";
/// Which of these init containers are sidecars: pods that run in the same namespace, and have an
/// init container of that name, tell it.
constexpr std::string_view pending_sidecars =
    "count by(namespace,container)($sidecar) and on(namespace,container)"
    " (kube_pod_init_container_resource_requests and on(namespace,pod,uid) $pending)";
constexpr std::string_view pending_overhead = "$overhead and on(namespace,pod,uid) $pending";
/// kube-scheduler's own word (/metrics/resources), which knows requests of the pod as a whole too.
constexpr std::string_view pending_scheduler =
    "max by(namespace,pod,resource)(kube_pod_resource_request{resource=~\"cpu|memory\"})"
    " and on(namespace,pod) $pending";
constexpr std::string_view pending_owner =
    "max by(namespace,pod,uid,owner_kind,owner_name)(kube_pod_owner)"
    " and on(namespace,pod,uid) $pending";
/// The CronJob of a Job.
constexpr std::string_view pending_job_owner =
    "max by(namespace,job_name,owner_kind,owner_name)(kube_job_owner{owner_kind!~\"|<none>\"})"
    " and on(namespace,job_name) label_join(kube_pod_owner{owner_kind=\"Job\"}"
    " and on(namespace,pod,uid) $pending,\"job_name\",\"\",\"owner_name\")";
/// Claims that are not bound, and those of them whose StorageClass does not wait for a pod's node,
/// or does.
constexpr std::string_view pending_claim =
    "max by(namespace,pod,uid,persistentvolumeclaim)"
    "(kube_pod_spec_volumes_persistentvolumeclaims_info)"
    " and on(namespace,persistentvolumeclaim) $unbound and on(namespace,pod,uid) $pending";
constexpr std::string_view claim_of_class =
    "max by(namespace,persistentvolumeclaim)(kube_persistentvolumeclaim_info"
    " and on(namespace,persistentvolumeclaim) $unbound"
    " and on(storageclass) kube_storageclass_info{volume_binding_mode=\"$mode\"})";
constexpr std::string_view unbound =
    "(kube_persistentvolumeclaim_status_phase{phase=\"Pending\"} == 1"
    " unless on(namespace,persistentvolumeclaim)"
    " (kube_persistentvolumeclaim_status_phase{phase=\"Bound\"} == 1))";
/// Of resources beside CPU and memory, those that a waiting pod asks for, on every node.
constexpr std::string_view node_others =
    "max by(node,resource)(kube_node_status_allocatable{resource!~\"cpu|memory|pods\"})"
    " and on(resource) (kube_pod_container_resource_requests{resource!~\"cpu|memory\"}"
    " and on(namespace,pod,uid) $pending)";
/// Pods with a place that are being deleted and end before a new node could come. The timestamp has
/// the grace period in it; a minute after it they hang, and nobody knows until when.
constexpr std::string_view ending =
    "($bound and on(namespace,pod,uid) (kube_pod_deletion_timestamp - time() > -60 < 120)"
    " unless on(namespace,pod,uid) $finished unless on(namespace,pod,uid) $daemonsets)";
constexpr std::string_view freed_pods = "count by(node)($ending)";
constexpr std::string_view freed_requests =
    "sum by(node,resource)(max by(namespace,pod,uid,node,container,resource)"
    "(kube_pod_container_resource_requests{resource=~\"cpu|memory\"})"
    " and on(namespace,pod,uid,node) $ending)";
constexpr std::string_view pending_since =
    "min by(namespace,pod,uid)(kube_pod_status_unscheduled_time)"
    " and on(namespace,pod,uid) $pending";
constexpr std::string_view pending_created =
    "min by(namespace,pod,uid)(kube_pod_created) and on(namespace,pod,uid) $pending";

// --- nodes --------------------------------------------------------------------------------------

constexpr std::string_view node_info = "max by(node,provider_id,internal_ip)(kube_node_info)";
constexpr std::string_view node_ready =
    "max by(node)(kube_node_status_condition{condition=\"Ready\",status=\"true\"})";
constexpr std::string_view node_created = "max by(node)(kube_node_created)";
constexpr std::string_view node_allocatable =
    "max by(node,resource)(kube_node_status_allocatable{resource=~\"cpu|memory|pods\"})";
constexpr std::string_view node_cordoned = "max by(node)(kube_node_spec_unschedulable)";
/// Taints that keep ordinary pods away; those of a node that is not Ready say nothing new.
constexpr std::string_view node_tainted =
    "max by(node,key,value,effect)(kube_node_spec_taint{effect=~\"NoSchedule|NoExecute\","
    "key!~\"node[.]kubernetes[.]io/(not-ready|unreachable)\"})";
/// Servers, by the label of their role, which NodeRestriction guards: a kubelet can give its Node
/// any taint, and not this label.
constexpr std::string_view node_server =
    "max by(node)(kube_node_role{role=~\"control-plane|master|etcd\"})";
/// Pods that wait for their node's kubelet to end them; where it is dead, for ever.
constexpr std::string_view node_deleted_pods =
    "count by(node)($bound and on(namespace,pod,uid) kube_pod_deletion_timestamp"
    " unless on(namespace,pod,uid) $finished unless on(namespace,pod,uid) $daemonsets)";
/// Each pod that takes up its place once, marked with whose it is.
constexpr std::string_view placed_and_marked =
    "((label_replace($bound and on(namespace,pod,uid) $daemonsets,"
    "\"of\",\"daemonset\",\"\",\"\")"
    " or on(namespace,pod,uid) label_replace($bound,\"of\",\"other\",\"\",\"\"))"
    " unless on(namespace,pod,uid) $finished)";
/// What they ask for, and their number as a resource: the requests of all pods are the largest
/// thing that is evaluated, and they are evaluated once.
constexpr std::string_view node_requests =
    "sum by(node,resource,of)(($requests"
    " or label_replace(max by(namespace,pod,uid)(kube_pod_info{node!=\"\"}),"
    "\"resource\",\"pods\",\"\",\"\"))"
    " * on(namespace,pod,uid) group_left(node,of) $marked)";
constexpr std::string_view node_addresses = "max by(node,address)(kube_node_status_addresses)";
/// The oldest of the newest: one node that kube-state-metrics stopped to report is enough.
constexpr std::string_view nodes_seen = "min(max by(node)(timestamp(kube_node_info)))";

// --- whether the view is whole ------------------------------------------------------------------

/// By kubelet, pods with a container or a group that cAdvisor has just seen. The samples of those
/// that ended, which carry times of their own, stay for five minutes: hence by their age.
constexpr std::string_view running =
    "(max by(instance,namespace,pod)(timestamp(container_cpu_usage_seconds_total{pod!=\"\"}))"
    " > time() - $age_ms / 1000)";
constexpr std::string_view running_pods = "count by(instance)($running)";
constexpr std::string_view listed_pods =
    "count by(node)(max by(namespace,pod,node)(kube_pod_info{node!=\"\"}))";
constexpr std::string_view unlisted_pods =
    "count by(instance)($running unless on(namespace,pod) kube_pod_info)";
/// Without those that have ended since: they were listed before.
constexpr std::string_view hidden_pods =
    "count by(instance)($running unless on(namespace,pod) kube_pod_info"
    " unless on(namespace,pod) (kube_pod_info offset $age))";
/// Only where the telemetry port of kube-state-metrics is scraped.
constexpr std::string_view shards = "max(kube_state_metrics_total_shards)";
constexpr std::string_view shards_seen =
    "count(count by(shard_ordinal)(kube_state_metrics_shard_ordinal))";
constexpr std::string_view clusters = "count by($clusters)(kube_node_info)";
constexpr std::string_view any_class = "count(kube_pod_status_qos_class{qos_class=\"BestEffort\"})";
/// Pods that ask for CPU or memory, by their class, and for which no request is reported.
constexpr std::string_view without_requests =
    "count(max by(namespace,pod,uid)"
    "(kube_pod_status_qos_class{qos_class=~\"Burstable|Guaranteed\"} == 1)"
    " unless on(namespace,pod,uid) $finished"
    " unless on(namespace,pod,uid)"
    " kube_pod_container_resource_requests{resource=~\"cpu|memory\"}"
    " unless on(namespace,pod,uid)"
    " kube_pod_init_container_resource_requests{resource=~\"cpu|memory\"}"
    " unless on(namespace,pod) kube_pod_resource_request)";

// --- local volumes ------------------------------------------------------------------------------

/// A finished pod's data are still where it ran.
constexpr std::string_view volume_users =
    "count by(node,volumename)("
    "max by(namespace,pod,uid,persistentvolumeclaim)"
    "(kube_pod_spec_volumes_persistentvolumeclaims_info)"
    " * on(namespace,persistentvolumeclaim) group_left(volumename) $local_claims"
    " * on(namespace,pod,uid) group_left(node) $bound)";
/// Claims bound to a volume on one node's own disk: K3s' local-path, hostPath, or local.
constexpr std::string_view local_claims =
    "(max by(namespace,persistentvolumeclaim,volumename)"
    "(label_replace(kube_persistentvolumeclaim_info{volumename!=\"\"},"
    "\"persistentvolume\",\"$1\",\"volumename\",\"(.+)\")"
    " and on(persistentvolume) (kube_persistentvolume_info{storageclass=\"local-path\"}"
    " or kube_persistentvolume_info{host_path!=\"\"}"
    " or kube_persistentvolume_info{local_path!=\"\"})"
    " and on(persistentvolume) (kube_persistentvolume_status_phase{phase=\"Bound\"} == 1)))";
std::string cluster_label_list() {
    std::string list;
    for (const auto label : cluster_labels) list.append(list.empty() ? "" : ",").append(label);
    return list;
}

std::string filled(std::string_view query) {
    auto text = with(std::string(query), "$marked", placed_and_marked);
    text = with(std::move(text), "$requests", pod_requests);
    text = with(std::move(text), "$ending", ending);
    text = with(std::move(text), "$init", init_requests);
    text = with(std::move(text), "$sidecar", sidecar);
    text = with(std::move(text), "$overhead", pod_overhead);
    text = with(std::move(text), "$unbound", unbound);
    text = with(std::move(text), "$local_claims", local_claims);
    text = with(std::move(text), "$clusters", cluster_label_list());
    text = with(std::move(text), "$pending", unschedulable);
    text = with(with(std::move(text), "$bound", bound), "$finished", finished);
    return with(std::move(text), "$daemonsets", of_daemonsets);
}

}  // namespace

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

std::vector<QueryPart> cpu_parts(Milliseconds window) {
    const auto busy = [&](std::string_view query, std::string_view family) {
        const auto text = with(with(std::string(query), "$slope", slope), "$family", family);
        return with(text, "$window", promql_duration(window));
    };
    return {{"used", busy(cpu_busy, root_cpu)},
            {"size", std::string(cpu_cores)},
            {"seen", std::string(cpu_seen)},
            {"kubelet_used", busy(kubelet_busy, kubelet_cpu)},
            {"kubelet_seen", std::string(kubelet_seen)}};
}

std::vector<QueryPart> memory_parts() {
    return {{"used", std::string(memory_used)},
            {"size", std::string(memory_size)},
            {"seen", std::string(memory_seen)},
            {"kubelet_used", std::string(kubelet_memory_used)},
            {"kubelet_seen", std::string(kubelet_memory_seen)}};
}

std::vector<QueryPart> pending_parts() {
    const auto claims_of = [](std::string_view mode) {
        return with(filled(claim_of_class), "$mode", mode);
    };
    return {{"pending", std::string(unschedulable)},
            {"requests", filled(pending_requests)},
            {"init", filled(pending_init)},
            {"sidecars", filled(pending_sidecars)},
            {"overhead", filled(pending_overhead)},
            {"scheduler", filled(pending_scheduler)},
            {"owner", filled(pending_owner)},
            {"job_owner", filled(pending_job_owner)},
            {"claim", filled(pending_claim)},
            {"claim_immediate", claims_of("Immediate")},
            {"claim_waits", claims_of("WaitForFirstConsumer")},
            {"others", filled(node_others)},
            {"freed_pods", filled(freed_pods)},
            {"freed", filled(freed_requests)},
            {"since", filled(pending_since)},
            {"created", filled(pending_created)},
            {"any_pod", std::string(any_pod)},
            {"clusters", filled(clusters)},
            {"overwritten", std::string(overwritten)},
            {"pods_seen", std::string(pods_seen)}};
}

std::vector<QueryPart> node_parts(Milliseconds max_age) {
    const auto aged = [&](std::string_view query) {
        auto text = with(std::string(query), "$running", running);
        text = with(std::move(text), "$age_ms", std::to_string(max_age.count()));
        return with(std::move(text), "$age", promql_duration(max_age));
    };
    return {{"info", std::string(node_info)},
            {"addresses", std::string(node_addresses)},
            {"ready", std::string(node_ready)},
            {"created", std::string(node_created)},
            {"allocatable", std::string(node_allocatable)},
            {"cordoned", std::string(node_cordoned)},
            {"tainted", std::string(node_tainted)},
            {"server", std::string(node_server)},
            {"deleted_pods", filled(node_deleted_pods)},
            {"requests", filled(node_requests)},
            {"any_pod", std::string(any_pod)},
            {"overwritten", std::string(overwritten)},
            {"nodes_seen", std::string(nodes_seen)},
            {"running", aged(running_pods)},
            {"listed", std::string(listed_pods)},
            {"unlisted", aged(unlisted_pods)},
            {"hidden", aged(hidden_pods)},
            {"shards", std::string(shards)},
            {"shards_seen", std::string(shards_seen)},
            {"clusters", filled(clusters)},
            {"any_class", std::string(any_class)},
            {"without_requests", filled(without_requests)},
            {"volumes", filled(local_claims)},
            {"volume_users", filled(volume_users)}};
}

}  // namespace nodenap
