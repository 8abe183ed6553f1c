package main

import (
	"fmt"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (f *families) pod(p *v1.Pod) {
	id := []string{"namespace", p.Namespace, "pod", p.Name, "uid", string(p.UID)}
	f.podIdentity(p, id)
	f.podTolerations(p, id)
	f.podStatus(p, id)
	for _, c := range p.Status.Conditions {
		f.podCondition(c, id)
	}
	f.podResources(p, id)
}

func (f *families) podIdentity(p *v1.Pod, id []string) {
	kind, owner := "", ""
	if o := metav1.GetControllerOf(p); o != nil {
		kind, owner = o.Kind, o.Name
	}
	f.add("kube_pod_info", 1, join(id, "host_ip", p.Status.HostIP, "pod_ip", p.Status.PodIP,
		"node", p.Spec.NodeName, "created_by_kind", kind, "created_by_name", owner,
		"priority_class", p.Spec.PriorityClassName,
		"host_network", fmt.Sprint(p.Spec.HostNetwork))...)
	f.add("kube_pod_created", float64(p.CreationTimestamp.Unix()), id...)
	if p.DeletionTimestamp != nil {
		f.add("kube_pod_deletion_timestamp", float64(p.DeletionTimestamp.Unix()), id...)
	}
	if len(p.OwnerReferences) == 0 {
		f.add("kube_pod_owner", 1, join(id, "owner_kind", "", "owner_name", "",
			"owner_is_controller", "")...)
	}
	for _, o := range p.OwnerReferences {
		f.add("kube_pod_owner", 1, join(id, "owner_kind", o.Kind, "owner_name", o.Name,
			"owner_is_controller", fmt.Sprint(o.Controller != nil && *o.Controller))...)
	}
}

func (f *families) podTolerations(p *v1.Pod, id []string) {
	for _, t := range p.Spec.Tolerations {
		seconds := ""
		if t.TolerationSeconds != nil {
			seconds = fmt.Sprint(*t.TolerationSeconds)
		}
		f.add("kube_pod_tolerations", 1, join(id, "key", t.Key, "operator", string(t.Operator),
			"value", t.Value, "effect", string(t.Effect), "toleration_seconds", seconds)...)
	}
}

var (
	podPhases = []v1.PodPhase{v1.PodPending, v1.PodSucceeded, v1.PodFailed, v1.PodUnknown,
		v1.PodRunning}

	// The closed list of reasons that the real program reports.
	podReasons = []string{"Evicted", "NodeAffinity", "NodeLost", "PreemptionByScheduler",
		"SchedulingGated", "Shutdown", "TerminationByKubelet", "UnexpectedAdmissionError"}
)

func (f *families) podStatus(p *v1.Pod, id []string) {
	for _, phase := range podPhases {
		f.add("kube_pod_status_phase", bit(p.Status.Phase == phase), join(id, "phase", string(phase))...)
	}
	for _, reason := range podReasons {
		f.add("kube_pod_status_reason", bit(hasReason(p, reason)), join(id, "reason", reason)...)
	}
}

// hasReason: the pod itself, one of its conditions or a container that ended gives the reason.
func hasReason(p *v1.Pod, reason string) bool {
	if p.Status.Reason == reason {
		return true
	}
	for _, c := range p.Status.Conditions {
		if c.Reason == reason {
			return true
		}
	}
	for _, c := range p.Status.ContainerStatuses {
		if c.State.Terminated != nil && c.State.Terminated.Reason == reason {
			return true
		}
	}
	return false
}

func (f *families) podCondition(c v1.PodCondition, id []string) {
	switch c.Type {
	case v1.PodReady:
		f.conditions("kube_pod_status_ready", "condition", c.Status, id...)
	case v1.PodScheduled:
		f.conditions("kube_pod_status_scheduled", "condition", c.Status, id...)
		f.podScheduled(c, id)
	}
}

func (f *families) podScheduled(c v1.PodCondition, id []string) {
	since := float64(c.LastTransitionTime.Unix())
	switch c.Status {
	case v1.ConditionTrue:
		f.add("kube_pod_status_scheduled_time", since, id...)
	case v1.ConditionFalse: // whatever the reason: gated pods too, as in the real program
		f.add("kube_pod_status_unscheduled_time", since, id...)
		f.add("kube_pod_status_unschedulable", 1, id...)
	}
}

func (f *families) podResources(p *v1.Pod, id []string) {
	for _, c := range p.Spec.InitContainers {
		f.resources("kube_pod_init_container_resource_requests", c.Resources.Requests,
			join(id, "container", c.Name, "node", p.Spec.NodeName)...)
	}
	for _, c := range p.Spec.Containers {
		kv := join(id, "container", c.Name, "node", p.Spec.NodeName)
		f.resources("kube_pod_container_resource_requests", c.Resources.Requests, kv...)
		f.resources("kube_pod_container_resource_limits", c.Resources.Limits, kv...)
	}
}
