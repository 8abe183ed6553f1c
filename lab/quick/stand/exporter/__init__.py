"""An exporter with the metrics of a K3s cluster, as kube-state-metrics and kubelets label them."""
