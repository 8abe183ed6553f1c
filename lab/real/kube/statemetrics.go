package main

// A stand-in for kube-state-metrics: the same metric names, labels and values
// for the pod and node series that an autoscaler reads. Every scrape is
// rendered from informer caches. It is the lab's own code, not the real
// program, which the lab cannot install.

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

func stateMetricsCommand() *cobra.Command {
	var kubeconfig, listen string
	cmd := &cobra.Command{Use: "state-metrics", SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
			if err != nil {
				return err
			}
			client, err := kubernetes.NewForConfig(cfg)
			if err != nil {
				return err
			}
			f := informers.NewSharedInformerFactory(client, 10*time.Minute)
			pods, nodes := f.Core().V1().Pods().Lister(), f.Core().V1().Nodes().Lister()
			f.Core().V1().Pods().Informer()
			f.Core().V1().Nodes().Informer()
			f.Start(cmd.Context().Done())
			f.WaitForCacheSync(cmd.Context().Done())

			http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "OK") })
			http.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/plain; version=0.0.4")
				m := families{lines: map[string]*strings.Builder{}}
				ps, _ := pods.List(labels.Everything())
				for _, p := range ps {
					m.pod(p)
				}
				ns, _ := nodes.List(labels.Everything())
				for _, n := range ns {
					m.node(n)
				}
				m.write(w)
			})
			return http.ListenAndServe(listen, nil)
		}}
	cmd.Flags().StringVar(&kubeconfig, "kubeconfig", "", "kubeconfig to read the cluster with")
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "address to serve /metrics on")
	return cmd
}

type families struct {
	order []string
	lines map[string]*strings.Builder
}

// add appends one sample; kv is label name, label value, and so on.
func (f *families) add(name string, value float64, kv ...string) {
	b := f.lines[name]
	if b == nil {
		b = &strings.Builder{}
		f.lines[name] = b
		f.order = append(f.order, name)
	}
	esc := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	b.WriteString(name + "{")
	for i := 0; i+1 < len(kv); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(kv[i] + `="` + esc.Replace(kv[i+1]) + `"`)
	}
	fmt.Fprintf(b, "} %v\n", value)
}

func (f *families) write(w io.Writer) {
	for _, name := range f.order {
		fmt.Fprintf(w, "# TYPE %s gauge\n%s", name, f.lines[name].String())
	}
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func (f *families) resources(name string, list v1.ResourceList, kv ...string) {
	for r, q := range list {
		unit := "integer"
		switch {
		case r == v1.ResourceCPU:
			unit = "core"
		case r == v1.ResourceMemory, r == v1.ResourceStorage, r == v1.ResourceEphemeralStorage,
			strings.HasPrefix(string(r), v1.ResourceHugePagesPrefix):
			unit = "byte"
		}
		label := strings.NewReplacer("-", "_", ".", "_", "/", "_").Replace(string(r))
		f.add(name, q.AsApproximateFloat64(), append(append([]string{}, kv...), "resource", label, "unit", unit)...)
	}
}

func (f *families) pod(p *v1.Pod) {
	id := []string{"namespace", p.Namespace, "pod", p.Name, "uid", string(p.UID)}
	with := func(kv ...string) []string { return append(append([]string{}, id...), kv...) }

	kind, owner := "", ""
	if o := metav1.GetControllerOf(p); o != nil {
		kind, owner = o.Kind, o.Name
	}
	f.add("kube_pod_info", 1, with("host_ip", p.Status.HostIP, "pod_ip", p.Status.PodIP, "node", p.Spec.NodeName,
		"created_by_kind", kind, "created_by_name", owner, "priority_class", p.Spec.PriorityClassName,
		"host_network", fmt.Sprint(p.Spec.HostNetwork))...)
	f.add("kube_pod_created", float64(p.CreationTimestamp.Unix()), id...)
	if p.DeletionTimestamp != nil {
		f.add("kube_pod_deletion_timestamp", float64(p.DeletionTimestamp.Unix()), id...)
	}
	if len(p.OwnerReferences) == 0 {
		f.add("kube_pod_owner", 1, with("owner_kind", "", "owner_name", "", "owner_is_controller", "")...)
	}
	for _, o := range p.OwnerReferences {
		f.add("kube_pod_owner", 1, with("owner_kind", o.Kind, "owner_name", o.Name,
			"owner_is_controller", fmt.Sprint(o.Controller != nil && *o.Controller))...)
	}
	for _, t := range p.Spec.Tolerations {
		seconds := ""
		if t.TolerationSeconds != nil {
			seconds = fmt.Sprint(*t.TolerationSeconds)
		}
		f.add("kube_pod_tolerations", 1, with("key", t.Key, "operator", string(t.Operator), "value", t.Value,
			"effect", string(t.Effect), "toleration_seconds", seconds)...)
	}
	for _, phase := range []v1.PodPhase{v1.PodPending, v1.PodSucceeded, v1.PodFailed, v1.PodUnknown, v1.PodRunning} {
		f.add("kube_pod_status_phase", bit(p.Status.Phase == phase), with("phase", string(phase))...)
	}
	for _, reason := range podReasons {
		f.add("kube_pod_status_reason", bit(hasReason(p, reason)), with("reason", reason)...)
	}
	for _, c := range p.Status.Conditions {
		name := map[v1.PodConditionType]string{v1.PodReady: "kube_pod_status_ready", v1.PodScheduled: "kube_pod_status_scheduled"}[c.Type]
		if name == "" {
			continue
		}
		for _, s := range []v1.ConditionStatus{v1.ConditionTrue, v1.ConditionFalse, v1.ConditionUnknown} {
			f.add(name, bit(c.Status == s), with("condition", strings.ToLower(string(s)))...)
		}
		if c.Type == v1.PodScheduled {
			when := map[v1.ConditionStatus]string{v1.ConditionTrue: "scheduled", v1.ConditionFalse: "unscheduled"}[c.Status]
			if when != "" {
				f.add("kube_pod_status_"+when+"_time", float64(c.LastTransitionTime.Unix()), id...)
			}
			if c.Status == v1.ConditionFalse { // whatever the reason: gated pods too, as in the real one
				f.add("kube_pod_status_unschedulable", 1, id...)
			}
		}
	}
	for _, c := range p.Spec.InitContainers {
		f.resources("kube_pod_init_container_resource_requests", c.Resources.Requests, with("container", c.Name, "node", p.Spec.NodeName)...)
	}
	for _, c := range p.Spec.Containers {
		kv := with("container", c.Name, "node", p.Spec.NodeName)
		f.resources("kube_pod_container_resource_requests", c.Resources.Requests, kv...)
		f.resources("kube_pod_container_resource_limits", c.Resources.Limits, kv...)
	}
}

// The closed list of reasons that the real program reports, each with 0 or 1 for every pod.
var podReasons = []string{"Evicted", "NodeAffinity", "NodeLost", "PreemptionByScheduler", "SchedulingGated", "Shutdown",
	"TerminationByKubelet", "UnexpectedAdmissionError"}

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

func (f *families) node(n *v1.Node) {
	i := n.Status.NodeInfo
	ip := ""
	for _, a := range n.Status.Addresses {
		if a.Type == v1.NodeInternalIP {
			ip = a.Address
		}
	}
	f.add("kube_node_info", 1, "node", n.Name, "kernel_version", i.KernelVersion, "os_image", i.OSImage,
		"container_runtime_version", i.ContainerRuntimeVersion, "kubelet_version", i.KubeletVersion,
		"kubeproxy_version", "deprecated", "provider_id", n.Spec.ProviderID, "pod_cidr", n.Spec.PodCIDR,
		"system_uuid", i.SystemUUID, "internal_ip", ip)
	for label := range n.Labels {
		if role, ok := strings.CutPrefix(label, "node-role.kubernetes.io/"); ok {
			f.add("kube_node_role", 1, "node", n.Name, "role", role)
		}
	}
	f.add("kube_node_created", float64(n.CreationTimestamp.Unix()), "node", n.Name)
	f.add("kube_node_spec_unschedulable", bit(n.Spec.Unschedulable), "node", n.Name)
	for _, t := range n.Spec.Taints {
		f.add("kube_node_spec_taint", 1, "node", n.Name, "key", t.Key, "value", t.Value, "effect", string(t.Effect))
	}
	for _, c := range n.Status.Conditions {
		for _, s := range []v1.ConditionStatus{v1.ConditionTrue, v1.ConditionFalse, v1.ConditionUnknown} {
			f.add("kube_node_status_condition", bit(c.Status == s), "node", n.Name, "condition", string(c.Type),
				"status", strings.ToLower(string(s)))
		}
	}
	f.resources("kube_node_status_allocatable", n.Status.Allocatable, "node", n.Name)
	f.resources("kube_node_status_capacity", n.Status.Capacity, "node", n.Name)
}
