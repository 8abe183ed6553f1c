#pragma once

#include "controller/settings.hpp"
#include "sim/checker/checker.hpp"
#include "sim/fingerprint.hpp"
#include "sim/world/codec.hpp"
#include "sim/world/monitoring.hpp"
#include "sim/world/process.hpp"
#include "sim/world/table.hpp"
#include "sim/world/wiring.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

namespace nodenap::sim {

/// A write as it arrives at DynamoDB.
struct TableWrite {
    const Key& key;
    const Change& change;
    const Condition& condition;
};

/// The simulated world: a cluster, its cloud and all invocations, in one thread and from one seed.
class World {
public:
    World(Settings wanted, std::uint64_t seed, bool traced, const MakeWirings& make_wirings = {});
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    std::uint64_t seed() const { return seed_; }

    /// Requests that have arrived at the services; the checker observes them.
    Result<Updated> write(const Sender& sender, const TableWrite& write);
    Result<Instance> launch(const Sender& sender, const Operation& operation);
    Status terminate(const std::string& id);
    void pass_ended(const Sender& sender, const Record& record);

    /// Starts an invocation now.
    void wake(const Trigger& trigger);
    /// Announces the interruption of a spot instance, which EventBridge delivers.
    void interrupt(Machine& machine);

    /// Sets the probabilities of faults from now on.
    void set_faults(const Faults& wanted);
    std::int64_t passes() const { return passes_; }
    /// Whether an invocation is running.
    bool has_work() const { return timeline.has_fibers(); }

    /// Runs the baseline scaler instead of Nodenap.
    void use_baseline() { baseline_ = true; }
    bool uses_baseline() const { return baseline_; }

    /// Creates the ports of processes; null: they call the simulated services directly.
    Wirings* wirings() { return wirings_.get(); }

private:
    KeepingCodec kept_;
    std::unique_ptr<Wirings> wirings_;

public:
    Settings settings;
    Timeline timeline;
    Trace trace;
    Faults faults;
    Random chance;  // for events not caused by processes
    Cloud cloud;
    Cluster cluster;
    Monitoring monitoring;
    Table table;
    Codec& codec;
    Checker checker;
    Fingerprint fingerprint;
    /// Keeps decisions from now on: those with effects or a new reason.
    void keep_decisions() { keeps_decisions_ = true; }
    std::vector<Record> decisions;
    /// Called for each launched instance.
    std::function<void(const Machine&)> on_launch;
    bool store_away = false;
    bool ec2_away = false;

private:
    void forget_processes();
    void kubelet_begins(Machine& machine);
    void machine_ended(Machine& machine, bool gracefully);

    std::uint64_t seed_;
    bool baseline_ = false;
    bool keeps_decisions_ = false;
    int woken_ = 0;
    std::int64_t passes_ = 0;
    std::deque<std::unique_ptr<Process>> processes_;  // running or recently ended
};

/// The start time of every world: 2026-11-23T20:00:00Z.
inline constexpr Time world_begins{std::chrono::seconds(1'795'464'000)};

}  // namespace nodenap::sim
