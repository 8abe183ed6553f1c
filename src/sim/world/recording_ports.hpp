#pragma once

#include "controller/ports.hpp"
#include "controller/trigger.hpp"

#include <string>

namespace nodenap::sim {

class NetworkLink;
class World;

/// Stands between the production loop and its ports, whoever makes them, and notes for the checker
/// what the loop was told when, and what it asks for.
class RecordingPorts final : public Metrics, public Fleet, public StateStore {
public:
    /// All that is given must live as long. `ports` are those that are asked.
    RecordingPorts(World& world, NetworkLink& link, const Trigger& trigger, const Ports& ports)
        : world_(world), link_(link), trigger_(trigger), asked_(ports) {}

    /// What the loop is to be given in place of `ports`.
    Ports ports() { return {asked_.clock, *this, *this, *this, asked_.codec, asked_.log}; }
    /// The state it was told knows the instance that it was woken for.
    bool knows_the_warned() const { return knows_the_warned_; }

    Signals read(Time now, Milliseconds window) override;
    Result<std::vector<Instance>> list() override;
    std::vector<Result<Instance>> launch(const std::vector<Operation>& operations) override;
    std::vector<Status> terminate(const std::vector<std::string>& instance_ids) override;
    Result<Updated> update(const Key& key, const Change& change,
                           const Condition& condition) override;
    Result<AttributeMap> get(const Key& key) override;
    Result<std::vector<AttributeMap>> query(const Query& query) override;

private:
    void note_asking(const Change& change);

    World& world_;
    NetworkLink& link_;
    const Trigger& trigger_;
    Ports asked_;
    std::string asks_as_;  // the owner of the last acquire
    bool knows_the_warned_ = false;
};

}  // namespace nodenap::sim
