#pragma once

#include "base/result.hpp"
#include "model/cluster_state.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace nodenap {

/// A page of the API or a file: one JSON document, or several one after the other. `name` is what a
/// person knows it by: a file, "standard input", a path of the API.
struct KubernetesText {
    std::string name;
    std::string bytes;
};

/// What is told of a text beside its objects.
struct ReadText {
    std::size_t objects = 0;         // that were taken
    std::string continue_token;      // of a page that is not the last one
    std::vector<std::string> notes;  // "cluster.json: passed over 3 objects of kind \"Service\""
};

/// Puts Kubernetes objects together to a ClusterState: Lists as the API server gives them (PodList,
/// NodeList, …), as `kubectl get … -o json` prints them (List, of any kinds), or single objects;
/// any number of texts, one after the other, each in memory only while it is read.
class ClusterStateReader {
public:
    ClusterStateReader();
    ~ClusterStateReader();
    ClusterStateReader(const ClusterStateReader&) = delete;
    ClusterStateReader& operator=(const ClusterStateReader&) = delete;

    /// Nothing of a text that is refused is kept. The error names the text and the place in it:
    /// `a.json: pods[17].spec.containers[0].resources.requests.cpu: "1x" is not a quantity`.
    Result<ReadText> read(KubernetesText text);
    ClusterState take() { return std::move(state_); }

private:
    struct Parser;

    std::unique_ptr<Parser> parser_;
    ClusterState state_;
};

struct ReadClusterState {
    ClusterState state;
    std::vector<std::string> notes;
};

/// All of some texts, or the first thing that is wrong.
Result<ReadClusterState> read_cluster_state(std::vector<KubernetesText> texts);
Result<ReadClusterState> read_cluster_state(std::string bytes);

}  // namespace nodenap
