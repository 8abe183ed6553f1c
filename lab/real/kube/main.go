// labkube: one binary with every Kubernetes program the stand runs, so that the
// shared code is compiled and linked once. The program is chosen by the first
// argument ("labkube kubelet --help") or by the name it is called with.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"

	// Registrations: JSON logs, and the Prometheus bridges for client-go and version metrics.
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
)

var programs = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllers.NewControllerManagerCommand,
	"kube-scheduler":          schedulerCommand,
	"kubelet":                 kubeletCommand,
	"kubectl":                 kubectl.NewDefaultKubectlCommand,
	"state-metrics":           stateMetricsCommand,
}

func schedulerCommand() *cobra.Command { return scheduler.NewSchedulerCommand() }
func kubeletCommand() *cobra.Command   { return kubelet.NewKubeletCommand(context.Background()) }

func main() {
	name := filepath.Base(os.Args[0])
	if programs[name] == nil && len(os.Args) > 1 {
		os.Args = os.Args[1:]
		name = os.Args[0]
	}
	build := programs[name]
	if build == nil {
		var known []string
		for k := range programs {
			known = append(known, k)
		}
		sort.Strings(known)
		fmt.Fprintln(os.Stderr, "usage: labkube PROGRAM [flags]; programs:", known)
		os.Exit(2)
	}
	os.Exit(cli.Run(build()))
}
