#pragma once

#include "engine/scaler.hpp"

#include <optional>
#include <string>

namespace nodenap {

/// What the limits still let a pass launch. Instances that leave are paid for until they are gone.
class Budget {
public:
    Budget(const Membership& members, const Snapshot& snapshot, const Policy& policy);

    /// How many nodes more, the price left aside.
    int nodes() const;
    /// Why no node at all may be launched, or none of this type; nullopt if one may.
    std::optional<Reason> refusal() const;
    std::optional<Reason> refusal(const InstanceType& type) const;
    void spend(const InstanceType& type);

private:
    const Policy& policy_;
    int below_maximum_;
    int of_this_pass_;
    int of_this_hour_;
    double price_per_hour_usd_ = 0;
    std::string without_price_;  // a type that is paid for and not in the catalogue, with its node
};

}  // namespace nodenap
