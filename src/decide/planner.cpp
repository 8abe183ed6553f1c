#include "decide/planner.hpp"

#include "decide/backoff.hpp"
#include "decide/budget.hpp"
#include "decide/explain.hpp"
#include "decide/fit.hpp"
#include "decide/offerings.hpp"
#include "scheduling/pack.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace nodenap {
namespace {

/// One node to be launched, with its free resources.
struct NewNode {
    Offering offering;
    const InstanceType* type = nullptr;
    Resources room;
    std::vector<std::string> pods;
};

/// The memory as it will be once unregistered instances are terminated: their offerings are in
/// backoff already. A decision that launches removes nothing else.
Memory memory_after(const Decision& decision, const Snapshot& snapshot, const Policy& policy) {
    auto memory = snapshot.memory;
    if (policy.mode != Mode::act) return memory;
    for (const auto& removal : decision.remove) {
        if (removal.cause != RemovalCause::not_joined) continue;
        for (const auto& instance : snapshot.fleet.value()) {
            if (instance.id != removal.instance_id) continue;
            note_registration_failure(memory, instance.id, instance.offering, snapshot.now);
        }
    }
    return memory;
}

class Planner {
public:
    Planner(const Decision& decision, const Snapshot& snapshot, const Policy& policy)
        : snapshot_(snapshot),
          policy_(policy),
          members_(decision.members),
          memory_(memory_after(decision, snapshot, policy)),
          market_{policy, memory_, snapshot.now},
          zones_(zone_counts(members_)),
          budget_(members_, policy),
          kinds_(kinds_of_new_nodes(snapshot, policy)) {
        for (const auto& pool : policy.pools) {
            room_in_[&pool] =
                pool.max_nodes + members_.excess(pool.name) - members_.counted(pool.name);
        }
    }
    ~Planner() = default;
    Planner(const Planner&) = delete;
    Planner(Planner&&) = delete;
    Planner& operator=(const Planner&) = delete;
    Planner& operator=(Planner&&) = delete;

    void add_minimum(const std::vector<MinimumNeed>& needs) {
        for (const auto& need : needs) {
            for (int i = 0; i < need.nodes; ++i) {
                if (!add_any(need.pool)) break;
            }
        }
    }

    void add_for_pods(const Demand& demand) {
        std::map<std::pair<Names, Names>, std::vector<PendingPod>> by_kind;
        for (auto& pod : place_on_planned(demand.pods)) {
            by_kind[{pod.only_on, pod.rather_on}].push_back(pod);
        }
        for (const auto& [kinds, pods] : by_kind) {
            auto packing = pack(pods, options(pods.front()), budget_.nodes());
            for (auto& bin : packing.bins) {
                if (!add_bin(std::move(bin))) return;
            }
            explain_left_over(packing.left_over);
        }
        if (demand.unnamed_pods > 0 && nodes_.empty()) add_any({});
    }

    /// `missing` and `seen` in the unit of `size_of` (cores, MiB): at most doubles the observed
    /// capacity, but one node is always allowed.
    template <class SizeOf>
    void add_for_load(double missing, double seen, SizeOf size_of) {
        constexpr double rounding = 1e-6;
        for (const auto& node : nodes_) missing -= size_of(*node.type);
        double added = 0;
        while (missing > rounding) {
            const auto choice = choose({});
            if (!choice) return;
            const double size = size_of(*choice->type);
            if (added > 0 && added + size > seen) return;
            if (!add(*choice, {})) return;
            added += size;
            missing -= size;
        }
    }

    Launches launches() {
        const auto now = launches_now(static_cast<int>(nodes_.size()), snapshot_, policy_);
        if (now.limit) refuse(*now.limit);
        nodes_.resize(static_cast<std::size_t>(now.count));
        Launches result;
        for (auto& node : nodes_) add_to_groups(result.groups, node);
        result.limits = limits_;
        return result;
    }

private:
    using Names = std::vector<std::string>;
    struct Choice {
        const Pool* pool = nullptr;
        const InstanceType* type = nullptr;
        Offering offering;
    };

    void add_to_groups(std::vector<LaunchGroup>& groups, NewNode& node) const {
        const auto found =
            std::find_if(groups.begin(), groups.end(),
                         [&](const LaunchGroup& group) { return group.offering == node.offering; });
        if (found == groups.end()) {
            groups.push_back({node.offering,
                              1,
                              node_price_per_hour_usd(policy_, *node.type),
                              {std::move(node.pods)}});
            return;
        }
        ++found->count;
        found->pods.push_back(std::move(node.pods));
    }

    std::vector<PendingPod> place_on_planned(const std::vector<PendingPod>& pods) {
        std::vector<Bin> bins;
        for (const auto& node : nodes_)
            bins.push_back({{}, node.offering.pool, node.offering.instance_type, node.room, {}, 0});
        auto rest = place(pods, bins);
        for (std::size_t i = 0; i < bins.size(); ++i) {
            nodes_[i].room = bins[i].room;
            nodes_[i].pods = std::move(bins[i].pods);
        }
        return rest;
    }

    int room_in(const Pool& pool) const { return room_in_.at(&pool); }

    Resources room_of(const Pool& pool, const InstanceType& type) const {
        return find_kind(kinds_, pool.name, type.name)->room;
    }

    /// The minimum and the nodes for pods may be reduced by different limits.
    void refuse(Reason reason) {
        const bool said = std::ranges::count(limits_, reason.code, &Reason::code) > 0;
        if (!said) limits_.push_back(std::move(reason));
    }

    /// The named pool, or the first below its maximum with an offering; its first type that has
    /// one.
    std::optional<Choice> choose(const std::string& pool_name) {
        bool has_room = false;
        for (const auto& pool : policy_.pools) {
            if (!pool_name.empty() && pool.name != pool_name) continue;
            if (room_in(pool) <= 0) continue;
            has_room = true;
            const auto offering = first_offering(market_, pool, zones_);
            if (offering)
                return Choice{&pool, find_type(policy_, offering->instance_type), *offering};
        }
        refuse(has_room ? no_capacity() : no_room_in_pools());
        return std::nullopt;
    }

    bool add_any(const std::string& pool_name) {
        const auto choice = choose(pool_name);
        return choice && add(*choice, {});
    }

    bool add_bin(Bin bin) {
        const auto* pool = find_pool(policy_, bin.pool);
        const auto* type = find_type(policy_, bin.instance_type);
        const auto offering = offering_of(market_, *pool, *type, zones_);
        // options() has only types with an offering, and a launch does not change that.
        if (!add({pool, type, *offering}, std::move(bin.pods))) return false;
        nodes_.back().room = bin.room;
        return true;
    }

    bool add(const Choice& choice, std::vector<std::string> pods) {
        if (auto reason = budget_.refusal(*choice.type)) {
            refuse(std::move(*reason));
            return false;
        }
        budget_.spend(*choice.type);
        ++zones_[choice.offering.zone];
        --room_in_.at(choice.pool);
        nodes_.push_back(
            {choice.offering, choice.type, room_of(*choice.pool, *choice.type), std::move(pods)});
        return true;
    }

    /// The kinds of nodes for this pod and for pods with the same choices.
    std::vector<NodeOption> options(const PendingPod& pod) const {
        auto all = possible_options(pod);
        std::vector<NodeOption> rather;
        std::copy_if(all.begin(), all.end(), std::back_inserter(rather), [&](const auto& option) {
            return std::ranges::count(pod.rather_on, kind_name(option.pool, option.instance_type)) >
                   0;
        });
        return rather.empty() ? all : rather;
    }

    std::vector<NodeOption> possible_options(const PendingPod& pod) const {
        std::vector<NodeOption> result;
        for (const auto& pool : policy_.pools) {
            const int at_most = room_in(pool);
            if (at_most <= 0) continue;
            for (const auto& name : pool.instance_types) {
                const auto* type = find_type(policy_, name);
                if (type == nullptr || !offering_of(market_, pool, *type, zones_)) continue;
                if (budget_.refusal(*type) || !may_be_on(pod, pool.name, name)) continue;
                result.push_back({pool.name, name, room_of(pool, *type),
                                  node_price_per_hour_usd(policy_, *type), at_most});
            }
        }
        return result;
    }

    Reason no_room_in_pools() const {
        return {ReasonCode::at_maximum, "every suitable pool is at its max_nodes"};
    }

    Reason no_capacity() const {
        Reason reason{ReasonCode::no_capacity, "every suitable offering is in backoff"};
        for (const auto& unavailable : memory_.unavailable_offerings) {
            if (unavailable.until <= snapshot_.now) continue;
            reason.text += "; " + unavailable.offering.instance_type + " in " +
                           unavailable.offering.zone + ": " + unavailable.cause + ", retry in " +
                           duration_text(unavailable.until - snapshot_.now);
            break;
        }
        return reason;
    }

    /// Why no node is launched for each of these pods, although some type could hold it. Pods of
    /// one size with the same kinds of nodes have the same reasons.
    void explain_left_over(const std::vector<PendingPod>& pods) {
        std::set<std::pair<Resources, Names>> explained;
        for (const auto& pod : pods) {
            if (explained.emplace(pod.requests, pod.only_on).second) explain_left_over(pod);
        }
    }

    void explain_left_over(const PendingPod& pod) {
        if (auto reason = budget_.refusal()) return refuse(std::move(*reason));
        bool said = false;
        for (const auto& pool : policy_.pools) {
            if (room_in(pool) <= 0) continue;
            for (const auto& name : pool.instance_types) {
                const auto* type = find_type(policy_, name);
                if (type == nullptr || !may_be_on(pod, pool.name, name)) continue;
                if (!fits_within(pod.requests, room_of(pool, *type))) continue;
                const bool rests = !offering_of(market_, pool, *type, zones_);
                // Offerings neither in backoff nor too expensive were used up, else they would hold
                // the pod.
                refuse(rests ? no_capacity() : budget_.refusal(*type).value_or(no_room_in_pools()));
                said = true;
            }
        }
        if (!said) refuse(no_room_in_pools());
    }

    const Snapshot& snapshot_;
    const Policy& policy_;
    const Membership& members_;
    Memory memory_;
    Market market_;
    ZoneCounts zones_;
    Budget budget_;
    std::map<const Pool*, int> room_in_;  // how many more nodes each pool may have
    std::vector<NodeKind> kinds_;
    std::vector<NewNode> nodes_;
    std::vector<Reason> limits_;
};

}  // namespace

Launches plan_launches(const Decision& decision, const Snapshot& snapshot, const Policy& policy) {
    const auto& demand = decision.demand;
    Planner planner(decision, snapshot, policy);
    planner.add_minimum(demand.minimum);
    planner.add_for_pods(demand);
    planner.add_for_load(demand.cores, demand.seen_cores,
                         [](const InstanceType& type) { return double(type.vcpu); });
    planner.add_for_load(double(demand.memory.value), double(demand.seen_memory.value),
                         [](const InstanceType& type) { return double(type.memory.value); });
    return planner.launches();
}

}  // namespace nodenap
