package main

// A stand-in for kube-state-metrics: the same metric names, labels and values
// for the pod and node series that an autoscaler reads. Every scrape is
// rendered from informer caches. It is the stand's own code: the real program
// is not published as a Go module that can be built.

import (
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
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

			http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
				io.WriteString(w, "OK")
			})
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
