#pragma once

#include "model/snapshot.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nodenap {

/// The Node of an instance, or the Nodes of which none is certainly its: more than one claims to
/// be, or one is younger than the Node it registered with. Then nothing is known about any of them.
struct NodeClaim {
    const Node* node = nullptr;
    std::vector<const Node*> disputed_by = {};  // `node` is null then
};

/// Why none of them is certainly the instance's, and how to fix it.
std::string dispute_text(const std::vector<const Node*>& disputed_by);

/// Matches Nodes with series and instances, for all callers. The name or an instance id decides;
/// only if neither matches, an address in any notation: IPv4, IPv6, a hostname, or a private DNS
/// name such as "ip-10-0-1-5.ec2.internal". Addresses are reused: of several Nodes with one
/// address, the Ready one counts, then the newest. A Node that is not Ready and older than the
/// instance belongs to another, except that a server's matches even then, since a server is never
/// removed. Anyone with the agents' token can register Nodes with any provider id and any address.
/// Hence a second Node that claims an instance makes it disputed, unless the first is named by the
/// instance's id and is older.
class NodeFinder {
public:
    /// The Nodes must outlive it. Finds none if they are unknown.
    explicit NodeFinder(const Reading<std::vector<Node>>& nodes);

    /// Null if there is none. `host` as in a series, without port.
    const Node* node_of(std::string_view host) const;
    /// `known`: what is remembered of the instance, or null. A single Node that is younger than the
    /// one it registered with, and is not named by its id, makes it disputed too.
    NodeClaim claim_of(const Instance& instance, const RememberedInstance* known = nullptr) const;

private:
    /// Sorted by the first.
    using Index = std::vector<std::pair<std::string, const Node*>>;
    template <class Use>
    static void each_at(const Index& index, std::string_view key, Use use);
    Index by_name_;  // names and instance ids
    Index by_address_;
};

/// Finds the usage of an instance's or a Node's host, for all callers. A host that is known to
/// belong to a Node matches only that one; others are matched by name or address.
class HostFinder {
public:
    /// `use` must outlive it.
    explicit HostFinder(const Use& use);

    /// The first in Prometheus' response; null if there is none. Both arguments may be null.
    const HostUse* use_of(const Instance* instance, const Node* node) const;
    /// All of them, as positions in the response.
    std::vector<std::size_t> all_of(const Instance* instance, const Node* node) const;

private:
    using Index = std::vector<std::pair<std::string, std::size_t>>;  // sorted
    const Use& use_;
    Index by_node_;
    Index by_host_;
    Index by_address_;
};

/// Whether an unmatched Node may belong to an instance without a Node: not a server, created after
/// the launch (or at an unknown time), and naming no instance.
bool may_be_node_of(const Node& node, const Instance& instance);

/// Below, `known` is what is remembered of the instance, or null.

/// Whether an instance is a server: its Node has the role now, or had it within the last hour. A
/// single response of Prometheus without the role does not make it a worker. `node` may be null.
bool is_server(const RememberedInstance* known, const Node* node);

/// Whether its Node proves that it is a server; a Node that may be another's does not.
bool is_proven_server(const Node& node, const Instance& instance);

/// Two observations of the Nodes further apart leave a gap in which a Node was not watched for.
/// Passes every two minutes leave none.
Milliseconds longest_watch(Milliseconds join_timeout);

/// The unwatched part of the waiting time until now.
Milliseconds unwatched(const Snapshot& snapshot, const RememberedInstance& known,
                       Milliseconds join_timeout);

/// Whether the Nodes were watched for longer than the join timeout since this instance was first
/// observed, and it never registered. An instance that is not remembered is not late: it is awaited
/// from now on.
bool is_overdue(const Snapshot& snapshot, const Instance& instance, const RememberedInstance* known,
                Milliseconds join_timeout);

/// Whether the instance existed before it was first observed: it may have registered unobserved.
bool has_a_past(const Instance& instance, const RememberedInstance* known, Time now,
                Milliseconds join_timeout);

/// What is remembered of an instance, or null.
const RememberedInstance* remembered(const Memory& memory, const std::string& id);

}  // namespace nodenap
