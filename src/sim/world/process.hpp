#pragma once

#include "controller/invocation.hpp"
#include "sim/world/network_link.hpp"

#include <string>
#include <vector>

namespace nodenap::sim {

class World;

/// One invocation of the production code, with its ports: each call takes time, may fail, and may
/// be its last.
class Process final : public Clock,
                      public Metrics,
                      public Fleet,
                      public StateStore,
                      public EventLog {
public:
    Process(World& world, int number, Trigger trigger);
    ~Process() override = default;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Must run in a fiber; returns when the invocation has ended.
    void run();
    void kill(const char* why);
    /// By the world's clock; empty while it runs.
    std::optional<Time> ended_at() const { return ended_at_; }

    Time now() override;
    Milliseconds monotonic() override;
    void sleep_for(Milliseconds span) override;

    Signals read(Time now, Milliseconds window) override;

    Result<std::vector<Instance>> list() override;
    std::vector<Result<Instance>> launch(const std::vector<Operation>& operations) override;
    std::vector<Status> terminate(const std::vector<std::string>& instance_ids) override;

    Result<Updated> update(const Key& key, const Change& change,
                           const Condition& condition) override;
    Result<AttributeMap> get(const Key& key) override;
    Result<std::vector<AttributeMap>> query(const Query& query) override;

    void write(const LogEvent& event) override;
    void pass(const Record& record, bool succeeded) override;

private:
    std::optional<Error> aws_refusal() const;
    void invoke(const Ports& ports);
    Result<Instance> launch_one(const Operation& operation);
    Status terminate_one(const std::string& id);

    World& world_;
    Trigger trigger_;
    NetworkLink link_;
    Time began_{};
    bool reported_lost_ = false;  // it reported that it could not save the interruption
    std::optional<Time> ended_at_;
};

}  // namespace nodenap::sim
