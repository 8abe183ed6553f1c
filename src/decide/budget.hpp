#pragma once

#include "decide/scaler.hpp"

#include <optional>
#include <string>

namespace nodenap {

/// The limits on the number and the price of nodes. Every running instance with the cluster's tags
/// counts: workers until EC2 has terminated them, servers, and instances that this cluster did not
/// launch. There may be one more than the maximum only for an instance that EC2 is about to
/// interrupt.
class Budget {
public:
    Budget(const Membership& members, const Policy& policy);

    /// How many more nodes are allowed, ignoring the price.
    int nodes() const;
    /// Why no node, or none of this type, may be launched; nullopt if one may.
    std::optional<Reason> refusal() const;
    std::optional<Reason> refusal(const InstanceType& type) const;
    void spend(const InstanceType& type);

private:
    void add_price(const Instance& instance, const InstanceType* type);

    const Policy& policy_;
    int below_maximum_;
    double price_per_hour_usd_ = 0;
    std::string no_workers_;     // instances that count but are no workers
    std::string without_price_;  // a running type without a price, with its instance
};

/// How many of the wanted launches may be made now: the limits per pass and per hour reduce their
/// number, never change the choice. `limit` names the one that applied.
struct LaunchesNow {
    int count = 0;
    std::optional<Reason> limit;
};
LaunchesNow launches_now(int wanted, const Snapshot& snapshot, const Policy& policy);

}  // namespace nodenap
