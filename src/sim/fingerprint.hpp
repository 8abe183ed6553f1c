#pragma once

#include "controller/ports.hpp"

#include <cstdint>
#include <string_view>

namespace nodenap::sim {

/// A hash (FNV-1a, 64 bits) of a run's decisions and actions: decisions, reason codes, launches,
/// removals and store writes, in their order. Two builds whose runs of a seed have the same
/// fingerprint behave alike; texts for people, prices and signals are not included.
class Fingerprint {
public:
    std::uint64_t value() const { return hash_; }

    /// An update as the store received it, and whether its condition refused it.
    void add_write(const Key& key, const Change& change, bool refused);
    /// A launch request as EC2 received it, and the instance or error that it answered.
    void add_launch(const Operation& operation, const Result<Instance>& answer);
    void add_termination(std::string_view instance_id, const Status& answer);
    /// The record of a pass that has ended.
    void add_record(const Record& record);

private:
    void add(std::string_view text);
    void add(std::int64_t number);
    void add(const Offering& offering);
    void add(const std::string& name, const Attribute& attribute);

    std::uint64_t hash_ = 14695981039346656037ULL;
};

}  // namespace nodenap::sim
