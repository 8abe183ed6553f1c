#include "adapters/prometheus/queries.hpp"

namespace nodenap {

namespace {

// --- CPU and memory usage -----------------------------------------------------------------------
// "max by(instance)" over "by(instance,job,metrics_path)": a kubelet scraped by two jobs counts
// once, even if a relabel rule drops series of one of them; the inner sum is for cAdvisors that
// report each CPU as a separate series.

/// CPU seconds per second. The slope of the samples, not rate(): cAdvisor's samples have explicit
/// timestamps, so the newest is up to half a minute old; rate() takes the gap for idle time and is
/// up to a fifth too low, and far more if our clock is ahead. After a counter reset the slope is
/// meaningless and rate() is right.
constexpr std::string_view slope =
    "((deriv($family[$window]) unless resets($family[$window]) > 0) or rate($family[$window]))";
constexpr std::string_view root_cpu = "container_cpu_usage_seconds_total{id=\"/\"}";
constexpr std::string_view kubelet_cpu = "node_cpu_usage_seconds_total";

/// Cores used, from cAdvisor's root cgroup.
constexpr std::string_view cpu_busy = "max by(instance)(sum by(instance,job,metrics_path)($slope))";
/// Number of cores. It disappears at the first failed scrape of a target, while cAdvisor's samples
/// with explicit timestamps remain for five minutes: hence only hosts with both count.
constexpr std::string_view cpu_cores = "max by(instance)(machine_cpu_cores)";
/// When the root cgroup was last reported; the slope itself has no timestamp.
constexpr std::string_view cpu_seen =
    "max by(instance)(timestamp(container_cpu_usage_seconds_total{id=\"/\"}))";
/// The same from the kubelet's resource endpoint, for when a relabel rule drops id="/".
constexpr std::string_view kubelet_busy = "max by(instance)($slope)";
constexpr std::string_view kubelet_seen =
    "max by(instance)(timestamp(node_cpu_usage_seconds_total))";

/// The working set: bytes that cannot be freed by dropping caches.
constexpr std::string_view memory_used =
    "max by(instance)(container_memory_working_set_bytes{id=\"/\"})";
constexpr std::string_view memory_size = "max by(instance)(machine_memory_bytes)";
constexpr std::string_view memory_seen =
    "max by(instance)(timestamp(container_memory_working_set_bytes{id=\"/\"}))";
constexpr std::string_view kubelet_memory_used = "max by(instance)(node_memory_working_set_bytes)";
constexpr std::string_view kubelet_memory_seen =
    "max by(instance)(timestamp(node_memory_working_set_bytes))";

/// The parts of a pod's requests, separately, for all resources.
constexpr std::string_view pending_requests =
    "sum by(namespace,pod,uid,resource)(max by(namespace,pod,uid,container,resource)"
    "(kube_pod_container_resource_requests)) and on(namespace,pod,uid) $pending";
constexpr std::string_view pending_init =
    "max by(namespace,pod,uid,container,resource)(kube_pod_init_container_resource_requests)"
    " and on(namespace,pod,uid) $pending";
/// Which of these init containers are sidecars, known from running pods of the same namespace that
/// have an init container of that name.
constexpr std::string_view pending_sidecars =
    "count by(namespace,container)($sidecar) and on(namespace,container)"
    " (kube_pod_init_container_resource_requests and on(namespace,pod,uid) $pending)";
constexpr std::string_view pending_overhead = "$overhead and on(namespace,pod,uid) $pending";
/// Requests as reported by kube-scheduler (/metrics/resources), which include pod-level requests.
constexpr std::string_view pending_scheduler =
    "max by(namespace,pod,resource)(kube_pod_resource_request{resource=~\"cpu|memory\"})"
    " and on(namespace,pod) $pending";
constexpr std::string_view pending_owner =
    "max by(namespace,pod,uid,owner_kind,owner_name)($controllers})"
    " and on(namespace,pod,uid) $pending";
/// The CronJob of a Job.
constexpr std::string_view pending_job_owner =
    "max by(namespace,job_name,owner_kind,owner_name)(kube_job_owner{owner_is_controller=\"true\"})"
    " and on(namespace,job_name) label_join($controllers,owner_kind=\"Job\"}"
    " and on(namespace,pod,uid) $pending,\"job_name\",\"\",\"owner_name\")";
/// Claims that keep, or may keep, a pod from every new node: unbound, lost, or bound to a volume on
/// one node. A hostPath volume of another storage class may be on any node.
constexpr std::string_view pending_claim =
    "$wanted * on(namespace,persistentvolumeclaim) group_left(state) ("
    "label_replace(max by(namespace,persistentvolumeclaim)$unbound,"
    "\"state\",\"unbound\",\"\",\"\")"
    " or on(namespace,persistentvolumeclaim) label_replace(max by(namespace,persistentvolumeclaim)"
    "(kube_persistentvolumeclaim_status_phase{phase=\"Lost\"} == 1),"
    "\"state\",\"lost\",\"\",\"\")"
    " or on(namespace,persistentvolumeclaim) label_replace(max by(namespace,persistentvolumeclaim)"
    "($claimed_volumes and on(persistentvolume) ($local_volumes unless on(persistentvolume)"
    " kube_persistentvolume_info{storageclass!=\"local-path\",local_path=\"\"})),"
    "\"state\",\"on_a_node\",\"\",\"\"))";
constexpr std::string_view wanted_claims = "($claims_of_pods and on(namespace,pod,uid) $pending)";
/// Claims that do not exist: kube-state-metrics reports claims, or at least storage classes, and
/// the claims of all scheduled pods, but not these.
constexpr std::string_view missing_claim =
    "$wanted unless on(namespace,persistentvolumeclaim) kube_persistentvolumeclaim_info"
    " unless on(namespace,persistentvolumeclaim) kube_persistentvolumeclaim_status_phase"
    " and on() ((count(kube_persistentvolumeclaim_info) or count(kube_storageclass_info))"
    " unless on() ($claims_of_pods and on(namespace,pod,uid) kube_pod_info{node!=\"\"}"
    " unless on(namespace,persistentvolumeclaim) kube_persistentvolumeclaim_info))";
/// Unbound claims by the volumeBindingMode of their StorageClass.
constexpr std::string_view claim_of_class =
    "max by(namespace,persistentvolumeclaim)(kube_persistentvolumeclaim_info"
    " and on(namespace,persistentvolumeclaim) $unbound"
    " and on(storageclass) kube_storageclass_info{volume_binding_mode=\"$mode\"})";
/// The extended resources that a pending pod requests, on every node.
constexpr std::string_view node_others =
    "max by(node,resource)(kube_node_status_allocatable{resource!~\"cpu|memory|pods\"})"
    " and on(resource) (kube_pod_container_resource_requests{resource!~\"cpu|memory\"}"
    " and on(namespace,pod,uid) $pending)";
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

constexpr std::string_view pods_seen = "max(timestamp(kube_pod_info))";

}  // namespace

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
    const auto wanting = [](std::string_view query) {
        return filled(with(std::string(query), "$wanted", wanted_claims));
    };
    return {{"pending", filled("$pending")},
            {"requests", filled(pending_requests)},
            {"init", filled(pending_init)},
            {"sidecars", filled(pending_sidecars)},
            {"overhead", filled(pending_overhead)},
            {"scheduler", filled(pending_scheduler)},
            {"owner", filled(pending_owner)},
            {"job_owner", filled(pending_job_owner)},
            {"claim", wanting(pending_claim)},
            {"missing_claim", wanting(missing_claim)},
            {"claim_immediate", claims_of("Immediate")},
            {"claim_waits", claims_of("WaitForFirstConsumer")},
            {"others", filled(node_others)},
            {"freed_pods", filled(freed_pods)},
            {"freed", filled(freed_requests)},
            {"since", filled(pending_since)},
            {"created", filled(pending_created)},
            {"any_pod", filled("$any_pod")},
            {"clusters", filled("$clusters")},
            {"overwritten", filled("$overwritten")},
            {"pods_seen", std::string(pods_seen)}};
}

}  // namespace nodenap
