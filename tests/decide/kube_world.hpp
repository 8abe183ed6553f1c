#pragma once

#include "cluster.hpp"
#include "decide/cluster_plan.hpp"
#include "decide/node_template.hpp"
#include "scheduling/kube_cluster.hpp"

#include <optional>

namespace nodenap::test {

/// Workers "one" and "two" of 2 cores (c5.large, $0.091 with address and volume), each with a pod
/// of 500m and 1 GiB; a pool that launches c5.large and c5.xlarge.
struct KubeWorld {
    ClusterState state;
    Policy policy = standard_policy();
    std::optional<double> cpu;

    KubeWorld() {
        policy.pools[0].instance_types = {"c5.large", "c5.xlarge"};
        policy.limits.min_nodes = 1;
        state.constraints_known = all_known();
        for (const auto* name : {"one", "two"}) {
            auto node = kube_node(name, "us-east-1a");
            node.labels.set(pool_label, "workers");
            node.labels.set("node.kubernetes.io/instance-type", "c5.large");
            node.provider_id = "aws:///us-east-1a/i-" + node.name;
            state.nodes.push_back(node);
            state.pods.push_back(placed(kube_pod("web-" + node.name), name));
        }
    }

    void wait_for(int count, std::int64_t cpu_request = 1000) {
        for (int i = 0; i < count; ++i) {
            auto pod = kube_pod("new");
            pod.name += "-" + std::to_string(i);
            pod.requests.cpu = Millicores{cpu_request};
            state.pods.push_back(pod);
        }
    }

    ClusterPlan plan() const { return plan_cluster(state, &policy, {start, "prod", cpu}); }
};

}  // namespace nodenap::test
