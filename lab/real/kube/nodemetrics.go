package main

import (
	"strings"

	v1 "k8s.io/api/core/v1"
)

func (f *families) node(n *v1.Node) {
	i := n.Status.NodeInfo
	f.add("kube_node_info", 1, "node", n.Name, "kernel_version", i.KernelVersion,
		"os_image", i.OSImage, "container_runtime_version", i.ContainerRuntimeVersion,
		"kubelet_version", i.KubeletVersion, "kubeproxy_version", "deprecated",
		"provider_id", n.Spec.ProviderID, "pod_cidr", n.Spec.PodCIDR,
		"system_uuid", i.SystemUUID, "internal_ip", internalIP(n))
	for label := range n.Labels {
		if role, ok := strings.CutPrefix(label, "node-role.kubernetes.io/"); ok {
			f.add("kube_node_role", 1, "node", n.Name, "role", role)
		}
	}
	f.add("kube_node_created", float64(n.CreationTimestamp.Unix()), "node", n.Name)
	f.add("kube_node_spec_unschedulable", bit(n.Spec.Unschedulable), "node", n.Name)
	for _, t := range n.Spec.Taints {
		f.add("kube_node_spec_taint", 1, "node", n.Name, "key", t.Key, "value", t.Value,
			"effect", string(t.Effect))
	}
	for _, c := range n.Status.Conditions {
		f.conditions("kube_node_status_condition", "status", c.Status,
			"node", n.Name, "condition", string(c.Type))
	}
	f.resources("kube_node_status_allocatable", n.Status.Allocatable, "node", n.Name)
	f.resources("kube_node_status_capacity", n.Status.Capacity, "node", n.Name)
}

func internalIP(n *v1.Node) string {
	for _, a := range n.Status.Addresses {
		if a.Type == v1.NodeInternalIP {
			return a.Address
		}
	}
	return ""
}
