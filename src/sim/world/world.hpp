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

/// A write of DynamoDB as it arrives.
struct TableWrite {
    const Key& key;
    const Change& change;
    const Condition& condition;
};

/// A cluster, its cloud and all invocations in them, in one thread and by one seed.
class World {
public:
    World(Settings wanted, std::uint64_t seed, bool traced, const MakeWirings& make_wirings = {});
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    std::uint64_t seed() const { return seed_; }

    /// What is asked of the peers, once it has arrived there; the checker looks on.
    Result<Updated> write(const Sender& sender, const TableWrite& write);
    Result<Instance> launch(const Sender& sender, const Operation& operation);
    Status terminate(const std::string& id);
    void pass_ended(const Sender& sender, const Record& record);

    /// One invocation from now on.
    void wake(const Trigger& trigger);
    /// A spot instance is about to go: the instance knows, and EventBridge tells us.
    void interrupt(Machine& machine);

    /// Sets the chances of faults from now on.
    void set_faults(const Faults& wanted);
    std::int64_t passes() const { return passes_; }
    /// Whether an invocation is under way.
    bool has_work() const { return timeline.has_fibers(); }

    /// Wakes the article's scaler instead of ours.
    void use_article() { article_ = true; }
    bool uses_article() const { return article_; }

    /// Who wires the processes; null: they are wired to the peers themselves.
    Wirings* wirings() { return wirings_.get(); }

private:
    KeepingCodec kept_;
    std::unique_ptr<Wirings> wirings_;

public:
    Settings settings;
    Timeline timeline;
    Trace trace;
    Faults faults;
    Random chance;  // of what happens in the world by itself
    Cloud cloud;
    Cluster cluster;
    Monitoring monitoring;
    Table table;
    Codec& codec;
    Checker checker;
    Fingerprint fingerprint;
    /// Decisions are kept from now on: those that did something or gave a new reason.
    void keep_decisions() { keeps_decisions_ = true; }
    std::vector<Record> decisions;
    /// Told of each instance as it is launched.
    std::function<void(const Machine&)> on_launch;
    bool store_away = false;
    bool ec2_away = false;

private:
    void forget_processes();
    void kubelet_begins(Machine& machine);
    void machine_ended(Machine& machine, bool gracefully);

    std::uint64_t seed_;
    bool article_ = false;
    bool keeps_decisions_ = false;
    int woken_ = 0;
    std::int64_t passes_ = 0;
    std::deque<std::unique_ptr<Process>> processes_;  // that run, or ended lately
};

/// When every world begins: 2026-11-23T20:00:00Z.
inline constexpr Time world_begins{std::chrono::seconds(1'795'464'000)};

}  // namespace nodenap::sim
