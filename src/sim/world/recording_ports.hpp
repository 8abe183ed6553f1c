#pragma once

#include "controller/ports.hpp"
#include "controller/trigger.hpp"

#include <string>

namespace nodenap::sim {

class NetworkLink;
class World;

/// Wraps the ports of the production loop and records for the checker what the loop observed and
/// requested, and when.
class RecordingPorts final : public Metrics, public Fleet, public StateStore {
public:
    /// All arguments must outlive this. Calls are forwarded to `ports`.
    RecordingPorts(World& world, NetworkLink& link, const Trigger& trigger, const Ports& ports)
        : world_(world), link_(link), trigger_(trigger), asked_(ports) {}

    /// The ports for the loop to use instead.
    Ports ports() { return {asked_.clock, *this, *this, *this, asked_.codec, asked_.log}; }
    /// Whether the state it read contains the instance of its trigger.
    bool knows_interrupted() const { return knows_interrupted_; }

    Signals read(Time now, Milliseconds window) override;
    Result<std::vector<Instance>> list() override;
    std::vector<Result<Instance>> launch(const std::vector<Operation>& operations) override;
    std::vector<Status> terminate(const std::vector<std::string>& instance_ids) override;
    Result<Updated> update(const Key& key, const Change& change,
                           const Condition& condition) override;
    Result<AttributeMap> get(const Key& key) override;
    Result<std::vector<AttributeMap>> query(const Query& query) override;

private:
    void note_acquire(const Change& change);

    World& world_;
    NetworkLink& link_;
    const Trigger& trigger_;
    Ports asked_;
    std::string acquiring_owner_;  // the owner of the last acquire
    bool knows_interrupted_ = false;
};

}  // namespace nodenap::sim
