#include "decide/budget.hpp"

#include "decide/cooldown.hpp"
#include "decide/explain.hpp"

#include <algorithm>
#include <string>

namespace nodenap {

Budget::Budget(const Membership& members, const Policy& policy)
    : policy_(policy),
      below_maximum_(policy.limits.max_nodes + members.excess() - members.counted()) {
    for (const auto& member : members.members) {
        if (member.stage != Stage::terminated) add_price(*member.instance, member.type);
    }
    const auto add_other = [&](const Instance& instance) {
        if (!runs(instance)) return;
        const auto* type = find_type(policy, instance.offering.instance_type);
        // Someone who may tag instances must not be able to stop all launches with one instance of
        // a type without a price.
        if (type != nullptr) add_price(instance, type);
        no_workers_ += (no_workers_.empty() ? "" : ", ") + instance.id;
    };
    for (const auto& server : members.servers) add_other(*server.instance);
    for (const auto* instance : members.foreign) add_other(*instance);
}

void Budget::add_price(const Instance& instance, const InstanceType* type) {
    if (type != nullptr) {
        price_per_hour_usd_ += node_price_per_hour_usd(policy_, *type);
    } else if (without_price_.empty()) {
        without_price_ = instance.offering.instance_type + " (" + instance.id + ")";
    }
}

int Budget::nodes() const { return std::max(0, below_maximum_); }

std::optional<Reason> Budget::refusal() const {
    if (below_maximum_ > 0) return std::nullopt;
    return Reason{
        ReasonCode::at_maximum,
        "at max_nodes (" + std::to_string(policy_.limits.max_nodes) + ")" +
            (no_workers_.empty() ? ""
                                 : ", counting instances that are not workers: " + no_workers_)};
}

std::optional<Reason> Budget::refusal(const InstanceType& type) const {
    if (auto reason = refusal()) return reason;
    const double most = policy_.limits.max_price_per_hour_usd;
    if (most > 0 && !without_price_.empty()) {
        return Reason{ReasonCode::price_limit,
                      "price of " + without_price_ + " unknown, so max_price_per_hour_usd (" +
                          price_text(most) + ") cannot be enforced; add an [[instance_type]]"};
    }
    constexpr double rounding = 1e-9;
    const double then = price_per_hour_usd_ + node_price_per_hour_usd(policy_, type);
    if (most <= 0 || then <= most + rounding) return std::nullopt;
    return Reason{ReasonCode::price_limit,
                  "one more " + type.name + " would bring the total to $" + price_text(then) +
                      "/h, above max_price_per_hour_usd (" + price_text(most) + ")"};
}

void Budget::spend(const InstanceType& type) {
    --below_maximum_;
    price_per_hour_usd_ += node_price_per_hour_usd(policy_, type);
}

LaunchesNow launches_now(int wanted, const Snapshot& snapshot, const Policy& policy) {
    const auto& limits = policy.limits;
    const int of_the_pass = limits.max_launches_per_pass;
    const int of_the_hour = std::max(
        0, limits.max_launches_per_hour - launches_of_last_hour(snapshot.memory, snapshot.now));
    const int now = std::min({wanted, of_the_pass, of_the_hour});
    if (now == wanted) return {now, std::nullopt};
    const auto part = "launch limit: " + std::to_string(now) + " of " + std::to_string(wanted) +
                      " now, the others ";
    const auto text = of_the_hour <= of_the_pass
                          ? part + "once max_launches_per_hour (" +
                                std::to_string(limits.max_launches_per_hour) + ") allows it"
                          : part + "in the next pass (max_launches_per_pass " +
                                std::to_string(limits.max_launches_per_pass) + ")";
    return {now, Reason{ReasonCode::launch_limit, text}};
}

}  // namespace nodenap
