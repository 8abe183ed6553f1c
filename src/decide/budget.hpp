#pragma once

#include "decide/scaler.hpp"

#include <optional>
#include <string>

namespace nodenap {

/// How many nodes there may be, and what they may cost: the limits that decide which are launched.
/// Whatever bears our tags and runs counts and is paid for: workers until EC2 ends them, servers,
/// and instances that this cluster did not launch. Only beside an instance that EC2 is about to
/// interrupt there may be one more than the maximum.
class Budget {
public:
    Budget(const Membership& members, const Policy& policy);

    /// How many nodes more, the price left aside.
    int nodes() const;
    /// Why no node at all may be launched, or none of this type; nullopt if one may.
    std::optional<Reason> refusal() const;
    std::optional<Reason> refusal(const InstanceType& type) const;
    void spend(const InstanceType& type);

private:
    void add_price(const Instance& instance, const InstanceType* type);

    const Policy& policy_;
    int below_maximum_;
    double price_per_hour_usd_ = 0;
    std::string no_workers_;     // what is counted and is none
    std::string without_price_;  // a type that is paid for and not in the catalogue, with its node
};

/// How many of the launches that are wanted may be made now: the limits of a pass and of an hour
/// cut their number, never the choice. `limit` says which one cut it.
struct LaunchesNow {
    int count = 0;
    std::optional<Reason> limit;
};
LaunchesNow launches_now(int wanted, const Snapshot& snapshot, const Policy& policy);

}  // namespace nodenap
