#pragma once

#include "model/snapshot.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nodenap {

/// The Node of an instance, or the Nodes of which none is surely its: more than one claims to be
/// it, or one that is younger than the Node it joined with. Then nothing is known of any of them.
struct NodeClaim {
    const Node* node = nullptr;
    std::vector<const Node*> disputed_by = {};  // `node` is null then
};

/// Why none of them is surely the instance's, and what a person does about it.
std::string dispute_text(const std::vector<const Node*>& disputed_by);

/// The only way to find the Node that a series or an instance belongs to. Its name or an instance
/// id decides; only where neither fits does an address, in any form in which it is written: of
/// either family, a hostname, or a private DNS name such as "ip-10-0-1-5.ec2.internal".
/// An address is used again: of several Nodes at one, the Ready one counts, then the newest. A
/// Node that is not Ready and older than the instance is another's, except that a server's is
/// taken even then, for a server is left alone and never removed.
/// Whoever has the agents' token registers Nodes with any provider id and any address. Hence a
/// second Node that claims an instance makes it disputed, except beside a Node that has the
/// instance's id as its name and was there first.
class NodeFinder {
public:
    /// The Nodes must live as long. Finds none where they are unknown.
    explicit NodeFinder(const Reading<std::vector<Node>>& nodes);

    /// Null where there is none. `host` as a series names it, without a port.
    const Node* node_of(std::string_view host) const;
    /// `known`: what is remembered of the instance, null if nothing is. A Node that is younger than
    /// the one it joined with, and has not its name, disputes it also alone.
    NodeClaim claim_of(const Instance& instance, const RememberedInstance* known = nullptr) const;

private:
    /// Sorted by the first.
    using Index = std::vector<std::pair<std::string, const Node*>>;
    template <class Use>
    static void each_at(const Index& index, std::string_view key, Use use);
    Index by_name_;  // names and instance ids
    Index by_address_;
};

/// The only way to find the use of an instance's machine, or of a Node's. A host that is known to
/// be a Node's is that one's alone; any other is found by its name or address.
class HostFinder {
public:
    /// `use` must live as long.
    explicit HostFinder(const Use& use);

    /// The first in Prometheus' answer; null if there is none. Both may be null.
    const HostUse* use_of(const Instance* instance, const Node* node) const;
    /// Every one of them, by its place in the answer.
    std::vector<std::size_t> all_of(const Instance* instance, const Node* node) const;

private:
    using Index = std::vector<std::pair<std::string, std::size_t>>;  // sorted
    const Use& use_;
    Index by_node_;
    Index by_host_;
    Index by_address_;
};

/// Whether a Node that matches no instance may be the Node of one that has none: no server, made
/// after the launch (or at an unknown time), and naming no instance.
bool may_be_node_of(const Node& node, const Instance& instance);

/// Below, `known` is what is remembered of the instance, null if nothing is.

/// Whether an instance is a server: its Node says so, or did within the last hour. That an answer
/// of Prometheus lacks the role for once does not make it a worker. `node` may be null.
bool is_server(const RememberedInstance* known, const Node* node);

/// Whether its Node proves that it is a server: not one that may be another's.
bool is_proven_server(const Node& node, const Instance& instance);

/// Two sights of the Nodes further apart leave a gap in which nobody watched for a Node. Passes
/// every two minutes leave none.
Milliseconds longest_watch(Milliseconds join_timeout);

/// The part of the awaiting until now in which nobody watched.
Milliseconds unwatched(const Snapshot& snapshot, const RememberedInstance& known,
                       Milliseconds join_timeout);

/// Whether the Nodes were watched for longer than the join timeout since we first saw this
/// instance, and it never joined. What we do not remember is not late: it is awaited from now on.
bool is_overdue(const Snapshot& snapshot, const Instance& instance, const RememberedInstance* known,
                Milliseconds join_timeout);

/// Whether the instance was there before we began to watch it: it may have joined unseen.
bool has_a_past(const Instance& instance, const RememberedInstance* known, Time now,
                Milliseconds join_timeout);

/// What is remembered of an instance; null if nothing is.
const RememberedInstance* remembered(const Memory& memory, const std::string& id);

}  // namespace nodenap
