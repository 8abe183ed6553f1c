#pragma once

#include "controller/ports.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace nodenap::sim {

/// The DynamoDB table without faults, which the network link injects.
class Table {
public:
    Result<Updated> update(const Key& key, const Change& change, const Condition& condition);
    AttributeMap get(const Key& key) const;
    std::vector<AttributeMap> query(const Query& query) const;

    /// The state item of the cluster, and its epoch; 0 before the first pass.
    const AttributeMap& state() const { return state_; }
    std::int64_t epoch() const;

private:
    AttributeMap state_;
    std::map<std::string, AttributeMap> journal_;
};

}  // namespace nodenap::sim
