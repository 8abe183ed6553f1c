#include "decide/joining.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

/// The clocks of the cluster and of EC2 may differ by this much.
constexpr Milliseconds clocks_differ_by = 1min;
/// Passes every two minutes leave no gap.
constexpr Milliseconds shortest_gap = 3min;

enum class Match { none, by_old_address, by_address, by_provider_id, by_name };

bool came_after(const Node& node, const Instance& instance) {
    return node.created_at >= instance.launched_at - clocks_differ_by;
}

/// How certain it is that the Node, which names the instance or has its address, is the instance's.
Match match(const Node& node, const Instance& instance) {
    if (node.name == instance.id) return Match::by_name;
    if (!node.instance_id.empty()) {
        return node.instance_id == instance.id ? Match::by_provider_id : Match::none;
    }
    if (node.ready || came_after(node, instance)) return Match::by_address;
    return node.server ? Match::by_old_address : Match::none;
}

/// Whether the second Node makes it uncertain that the best match is the instance's.
bool disputes(const Node& second, const Node& surest, const Instance& instance) {
    if (match(second, instance) == Match::by_old_address) return false;
    if (match(surest, instance) != Match::by_name) return true;
    return second.ready && came_after(second, instance) && second.created_at < surest.created_at;
}

/// Whether the Node is younger than the one with which the instance registered, or has another kind
/// of name: it may be another instance's, unless it has the name that only the instance's own
/// kubelet can use.
bool is_made_anew(const Node& node, const Instance& instance, const RememberedInstance* known) {
    if (match(node, instance) == Match::by_name) return false;
    if (known == nullptr) return false;
    const bool is_younger =
        known->registered_at && node.created_at > *known->registered_at + clocks_differ_by;
    return is_younger || known->only_by_name.value_or(false);
}

bool is_surer(const Node& a, const Node& b, const Instance& instance) {
    return std::tuple(match(a, instance), a.ready, a.created_at, a.name) >
           std::tuple(match(b, instance), b.ready, b.created_at, b.name);
}

/// Normalizes an address for comparison: "ip-10-0-1-5.ec2.internal" becomes 10.0.1.5.
std::string address_of(std::string_view written) {
    constexpr std::string_view prefix = "ip-";
    const auto label = written.substr(0, written.find('.'));
    auto digits = label.substr(std::min(prefix.size(), label.size()));
    const bool is_private_name = label.starts_with(prefix) &&
                                 std::ranges::count(digits, '-') == 3 &&
                                 digits.find_first_not_of("0123456789-") == digits.npos;
    if (!is_private_name) return std::string(written);
    std::string address(digits);
    std::ranges::replace(address, '-', '.');
    return address;
}

std::vector<std::string> addresses_of(const Node& node) {
    std::vector<std::string> all{address_of(node.name)};
    for (const auto& address : node.addresses) all.push_back(address_of(address));
    if (!node.internal_ip.empty()) all.push_back(node.internal_ip);
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

std::vector<std::string> addresses_of(const Instance& instance) {
    std::vector<std::string> all;
    for (const auto& address : instance.addresses) all.push_back(address_of(address));
    if (!instance.private_ip.empty()) all.push_back(instance.private_ip);
    return all;
}

}  // namespace

const RememberedInstance* remembered(const Memory& memory, const std::string& id) {
    const auto found = memory.instances.find(id);
    return found == memory.instances.end() ? nullptr : &found->second;
}

std::string dispute_text(const std::vector<const Node*>& disputed_by) {
    std::string names;
    for (const auto* node : disputed_by) names += (names.empty() ? "" : ", ") + node->name;
    if (disputed_by.size() > 1) return "more than one Node claims this instance: " + names;
    return "its Node " + names +
           " does not have the instance's id as its name, and was created after the instance had "
           "registered, or another Node claimed the instance before: it may belong to another "
           "instance, so drain it and terminate the instance yourself";
}

NodeFinder::NodeFinder(const Reading<std::vector<Node>>& nodes) {
    if (!nodes.known()) return;
    by_name_.reserve(2 * nodes.value().size());
    by_address_.reserve(2 * nodes.value().size());
    for (const auto& node : nodes.value()) {
        by_name_.emplace_back(node.name, &node);
        if (!node.instance_id.empty() && node.instance_id != node.name) {
            by_name_.emplace_back(node.instance_id, &node);
        }
        for (auto& address : addresses_of(node))
            by_address_.emplace_back(std::move(address), &node);
    }
    std::ranges::sort(by_name_, {}, &Index::value_type::first);
    std::ranges::sort(by_address_, {}, &Index::value_type::first);
}

template <class Use>
void NodeFinder::each_at(const Index& index, std::string_view key, Use use) {
    for (auto at = std::ranges::lower_bound(index, key, {}, &Index::value_type::first);
         at != index.end() && at->first == key; ++at) {
        use(*at->second);
    }
}

const Node* NodeFinder::node_of(std::string_view host) const {
    if (host.empty()) return nullptr;
    const auto rank = [&](const Node& node) {
        return std::tuple(node.name == host, node.ready, node.created_at,
                          std::string_view(node.name));
    };
    const Node* best = nullptr;
    const auto take_better = [&](const Node& node) {
        if (best == nullptr || rank(node) > rank(*best)) best = &node;
    };
    each_at(by_name_, host, take_better);
    if (best == nullptr) each_at(by_address_, address_of(host), take_better);
    return best;
}

NodeClaim NodeFinder::claim_of(const Instance& instance, const RememberedInstance* known) const {
    std::vector<const Node*> claimants;
    const auto add = [&](const Node& node) {
        if (match(node, instance) == Match::none) return;
        if (std::ranges::find(claimants, &node) == claimants.end()) claimants.push_back(&node);
    };
    each_at(by_name_, instance.id, add);
    for (const auto& address : addresses_of(instance)) each_at(by_address_, address, add);
    if (claimants.empty()) return {};
    const auto is_surer_than = [&](const Node* a, const Node* b) {
        return is_surer(*a, *b, instance);
    };
    std::ranges::sort(claimants, is_surer_than);
    const auto* surest = claimants.front();
    std::erase_if(claimants, [&](const Node* each) {
        return each != surest && !disputes(*each, *surest, instance);
    });
    if (claimants.size() == 1 && !is_made_anew(*surest, instance, known)) return {surest};
    return {nullptr, std::move(claimants)};
}

HostFinder::HostFinder(const Use& use) : use_(use) {
    for (std::size_t i = 0; i < use.hosts.size(); ++i) {
        const auto& host = use.hosts[i];
        if (host.host.empty()) continue;
        if (!host.node.empty()) {
            by_node_.emplace_back(host.node, i);
        } else {
            by_host_.emplace_back(host.host, i);
            by_address_.emplace_back(address_of(host.host), i);
        }
    }
    for (auto* index : {&by_node_, &by_host_, &by_address_}) std::ranges::sort(*index);
}

std::vector<std::size_t> HostFinder::all_of(const Instance* instance, const Node* node) const {
    std::vector<std::size_t> found;
    const auto add = [&](const Index& index, std::string_view key) {
        const auto matches = std::ranges::equal_range(
            index, key, {}, [](const auto& entry) { return std::string_view(entry.first); });
        for (const auto& [name, place] : matches) found.push_back(place);
    };
    if (instance != nullptr) {
        add(by_host_, instance->id);
        for (const auto& address : addresses_of(*instance)) add(by_address_, address);
    }
    if (node != nullptr) {
        add(by_node_, node->name);
        add(by_host_, node->name);
        add(by_host_, node->instance_id);
        for (const auto& address : addresses_of(*node)) add(by_address_, address);
    }
    std::ranges::sort(found);
    return found;
}

const HostUse* HostFinder::use_of(const Instance* instance, const Node* node) const {
    const auto found = all_of(instance, node);
    return found.empty() ? nullptr : &use_.hosts[found.front()];
}

bool may_be_node_of(const Node& node, const Instance& instance) {
    const bool is_younger =
        node.created_at == Time{} || node.created_at >= instance.launched_at - clocks_differ_by;
    return !node.server && node.instance_id.empty() && is_younger;
}

bool is_server(const RememberedInstance* known, const Node* node) {
    return (known != nullptr && known->server_seen_at) || (node != nullptr && node->server);
}

bool is_proven_server(const Node& node, const Instance& instance) {
    return node.server && match(node, instance) != Match::by_old_address;
}

Milliseconds longest_watch(Milliseconds join_timeout) {
    return std::max(shortest_gap, join_timeout / 2);
}

Milliseconds unwatched(const Snapshot& snapshot, const RememberedInstance& known,
                       Milliseconds join_timeout) {
    if (!known.first_seen_at) return known.unwatched;
    const auto last_observation = snapshot.memory.nodes_seen_at.value_or(*known.first_seen_at);
    const auto watched_until =
        std::max(last_observation, *known.first_seen_at) + longest_watch(join_timeout);
    return known.unwatched + std::max(Milliseconds{0}, snapshot.now - watched_until);
}

bool is_overdue(const Snapshot& snapshot, const Instance& instance, const RememberedInstance* known,
                Milliseconds join_timeout) {
    if (known == nullptr || !known->first_seen_at) return false;
    const auto watched =
        snapshot.now - *known->first_seen_at - unwatched(snapshot, *known, join_timeout);
    // A launch that EC2 does not list yet counts as launched now.
    return std::min(watched, snapshot.now - instance.launched_at) > join_timeout;
}

bool has_a_past(const Instance& instance, const RememberedInstance* known, Time now,
                Milliseconds join_timeout) {
    if (known != nullptr && known->registered_at) return true;
    const auto watched_from = known == nullptr ? now : known->first_seen_at.value_or(now);
    return watched_from - instance.launched_at > join_timeout;
}

}  // namespace nodenap
