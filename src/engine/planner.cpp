#include "engine/planner.hpp"

#include "engine/explain.hpp"
#include "engine/fit.hpp"
#include "engine/offers.hpp"
#include "engine/pack.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace nodenap {
namespace {

/// One node to be launched, with the room that is left on it.
struct NewNode {
    Offer offer;
    const InstanceType* type = nullptr;
    Resources room;
    std::vector<std::string> pods;
};

/// What the limits still allow, and the first that said no.
class Budget {
public:
    Budget(const Membership& members, const Memory& memory, const Policy& policy)
        : policy_(policy), nodes_(policy.limits.max_nodes - members.alive()),
          per_pass_(policy.limits.max_launches_per_pass),
          per_hour_(policy.limits.max_launches_per_hour - static_cast<int>(memory.launches.size())) {
        for (const auto& member : members.members) {
            const bool paid = member.stage != Stage::gone && member.type != nullptr;
            if (paid) price_ += node_price_per_hour_usd(policy, *member.type);
        }
    }

    int nodes() const { return std::max(0, std::min({nodes_, per_pass_, per_hour_})); }

    std::optional<Reason> refusal(const InstanceType& type) const {
        const auto& limits = policy_.limits;
        if (nodes_ <= 0) {
            return Reason{ReasonCode::at_maximum,
                          "max_nodes " + std::to_string(limits.max_nodes) + " is reached"};
        }
        if (per_pass_ <= 0) {
            return Reason{ReasonCode::launch_limit, "max_launches_per_pass " +
                                                        std::to_string(limits.max_launches_per_pass) +
                                                        " is reached; the next pass goes on"};
        }
        if (per_hour_ <= 0) {
            return Reason{ReasonCode::launch_limit, "max_launches_per_hour " +
                                                        std::to_string(limits.max_launches_per_hour) +
                                                        " is reached"};
        }
        const double most = limits.max_price_per_hour_usd;
        constexpr double rounding = 1e-9;
        if (most > 0 && price_ + node_price_per_hour_usd(policy_, type) > most + rounding) {
            return Reason{ReasonCode::price_limit,
                          "one more " + type.name + " would cost more than max_price_per_hour_usd " +
                              number_text(most)};
        }
        return std::nullopt;
    }

    void spend(const InstanceType& type) {
        --nodes_;
        --per_pass_;
        --per_hour_;
        price_ += node_price_per_hour_usd(policy_, type);
    }

private:
    const Policy& policy_;
    int nodes_;
    int per_pass_;
    int per_hour_;
    double price_ = 0;
};

class Planner {
public:
    Planner(const Snapshot& snapshot, const Membership& members, const Policy& policy)
        : snapshot_(snapshot), members_(members), policy_(policy),
          market_{policy, snapshot.memory, snapshot.now}, zones_(zone_counts(members)),
          daemonsets_(daemonset_overhead(snapshot)), budget_(members, snapshot.memory, policy) {}

    void add_minimum(const std::vector<MinimumNeed>& needs) {
        for (const auto& need : needs) {
            for (int i = 0; i < need.nodes; ++i) {
                if (!add_any(need.pool)) return;
            }
        }
    }

    void add_for_pods(const Demand& demand) {
        std::vector<Bin> bins;
        for (const auto& node : nodes_) bins.push_back({{}, {}, {}, node.room, {}, 0});
        auto rest = place(demand.pods, bins);
        for (std::size_t i = 0; i < bins.size(); ++i) {
            nodes_[i].room = bins[i].room;
            nodes_[i].pods = std::move(bins[i].pods);
        }
        auto packing = pack(rest, options(), std::max(budget_.nodes(), 0));
        for (auto& bin : packing.bins) {
            if (!add_bin(std::move(bin))) return;
        }
        if (!packing.left_over.empty()) explain_left_over();
        if (demand.unnamed_pods > 0 && nodes_.empty()) add_any({});
    }

    /// `missing` and `seen` in the unit of `size_of` (cores, MiB): at most doubles what is seen.
    template <class SizeOf>
    void add_for_load(double missing, double seen, SizeOf size_of) {
        double added = 0;
        for (const auto& node : nodes_) missing -= size_of(*node.type);
        double last = 0;
        while (missing > 0 && (added == 0 || added + last <= seen)) {
            if (!add_any({})) return;
            last = size_of(*nodes_.back().type);
            missing -= last;
            added += last;
        }
    }

    Launches launches() {
        Launches result;
        for (auto& node : nodes_) add_to_groups(result.groups, node);
        if (limit_) result.limits.push_back(*limit_);
        return result;
    }

private:
    static void add_to_groups(std::vector<LaunchGroup>& groups, NewNode& node) {
        const auto found = std::find_if(groups.begin(), groups.end(), [&](const LaunchGroup& group) {
            return group.offer == node.offer;
        });
        if (found == groups.end()) {
            groups.push_back({node.offer, 1, node.type->price_per_hour_usd, {std::move(node.pods)}});
            return;
        }
        ++found->count;
        found->pods.push_back(std::move(node.pods));
    }

    int room_in(const Pool& pool) const {
        const auto planned = std::count_if(nodes_.begin(), nodes_.end(), [&](const NewNode& node) {
            return node.offer.pool == pool.name;
        });
        return pool.max_nodes - members_.alive_in_pool(pool.name) - static_cast<int>(planned);
    }

    void refuse(Reason reason) {
        if (!limit_) limit_ = std::move(reason);
    }

    /// One node of the named pool, or of the first pool that has room and an offer.
    bool add_any(const std::string& pool_name) {
        bool has_room = false;
        for (const auto& pool : policy_.pools) {
            if (!pool_name.empty() && pool.name != pool_name) continue;
            if (room_in(pool) <= 0) continue;
            has_room = true;
            const auto offer = first_offer(market_, pool, zones_);
            if (offer) return add(pool, *offer, {});
        }
        if (has_room) refuse(no_capacity());
        if (!has_room) refuse({ReasonCode::at_maximum, "every pool is at its max_nodes"});
        return false;
    }

    bool add_bin(Bin bin) {
        const auto* pool = find_pool(policy_, bin.pool);
        const auto* type = find_type(policy_, bin.instance_type);
        const auto offer = offer_of(market_, *pool, *type, zones_);
        if (!offer || !add(*pool, *offer, std::move(bin.pods))) return false;
        nodes_.back().room = bin.room;
        return true;
    }

    bool add(const Pool& pool, const Offer& offer, std::vector<std::string> pods) {
        const auto* type = find_type(policy_, offer.instance_type);
        if (auto reason = budget_.refusal(*type)) {
            refuse(std::move(*reason));
            return false;
        }
        budget_.spend(*type);
        ++zones_[offer.zone];
        nodes_.push_back({offer, type, template_allocatable(policy_, pool, *type) - daemonsets_,
                          std::move(pods)});
        return true;
    }

    std::vector<NodeOption> options() const {
        std::vector<NodeOption> result;
        for (const auto& pool : policy_.pools) {
            for (const auto& name : pool.instance_types) {
                const auto* type = find_type(policy_, name);
                if (type == nullptr || !offer_of(market_, pool, *type, zones_)) continue;
                result.push_back({pool.name, name,
                                  template_allocatable(policy_, pool, *type) - daemonsets_,
                                  node_price_per_hour_usd(policy_, *type),
                                  std::max(room_in(pool), 0)});
            }
        }
        return result;
    }

    Reason no_capacity() const {
        Reason reason{ReasonCode::no_capacity, "every offer rests after EC2 refused it"};
        for (const auto& resting : snapshot_.memory.resting) {
            if (resting.until <= snapshot_.now) continue;
            reason.text += "; " + resting.offer.instance_type + " in " + resting.offer.zone + ": " +
                           resting.cause + ", again in " +
                           duration_text(resting.until - snapshot_.now);
            break;
        }
        return reason;
    }

    void explain_left_over() {
        const auto* smallest = find_type(policy_, policy_.pools.front().instance_types.front());
        if (auto reason = budget_.refusal(*smallest)) return refuse(std::move(*reason));
        const bool has_room = std::any_of(policy_.pools.begin(), policy_.pools.end(),
                                          [&](const Pool& pool) { return room_in(pool) > 0; });
        if (has_room) return refuse(no_capacity());
        refuse({ReasonCode::at_maximum, "every pool is at its max_nodes"});
    }

    const Snapshot& snapshot_;
    const Membership& members_;
    const Policy& policy_;
    Market market_;
    ZoneCounts zones_;
    Resources daemonsets_;
    Budget budget_;
    std::vector<NewNode> nodes_;
    std::optional<Reason> limit_;
};

}  // namespace

Launches plan_launches(const Decision& decision, const Snapshot& snapshot, const Policy& policy) {
    auto members = membership(snapshot, policy);
    for (auto& member : members.members) {
        const bool given_up = std::any_of(
            decision.remove.begin(), decision.remove.end(),
            [&](const Removal& removal) { return removal.instance_id == member.instance->id; });
        if (given_up) member.stage = Stage::leaving;
    }
    const auto& demand = decision.demand;
    Planner planner(snapshot, members, policy);
    planner.add_minimum(demand.minimum);
    planner.add_for_pods(demand);
    planner.add_for_load(demand.cores, demand.seen_cores,
                         [](const InstanceType& type) { return double(type.vcpu); });
    planner.add_for_load(double(demand.memory.value), double(demand.seen_memory.value),
                         [](const InstanceType& type) { return double(type.memory.value); });
    return planner.launches();
}

}  // namespace nodenap
