#pragma once

#include "controller/invocation.hpp"
#include "sim/checker.hpp"
#include "sim/random.hpp"

#include <string>
#include <vector>

namespace nodenap::sim {

class World;

/// One invocation of the production code, with the ports that it sees: each call takes time, may
/// fail, and may be the last. A process that is dead goes on to its end without any effect.
class Process final : public Clock,
                      public Metrics,
                      public Fleet,
                      public StateStore,
                      public EventLog {
public:
    /// A clock is wrong by at most this, and jumps by at most that.
    static constexpr Milliseconds most_off = std::chrono::minutes(1);
    static constexpr Milliseconds most_jump = std::chrono::minutes(10);

    Process(World& world, int number, Trigger trigger);
    ~Process() override = default;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Within a fiber; comes back when the invocation has ended.
    void run();
    void kill(const char* why);
    bool ended() const { return ended_; }

    Time now() override;
    Milliseconds monotonic() override;
    void sleep_for(Milliseconds span) override;

    Signals read(Time now, Milliseconds window) override;

    Result<std::vector<Instance>> list() override;
    std::vector<Result<Instance>> launch(const std::vector<Intent>& intents) override;
    std::vector<Status> terminate(const std::vector<std::string>& instance_ids) override;

    Result<Updated> update(const Key& key, const Change& change,
                           const Condition& condition) override;
    Result<AttributeMap> get(const Key& key) override;
    Result<std::vector<AttributeMap>> query(const Query& query) override;

    void write(const LogEvent& event) override;
    void pass(const Record& record, bool succeeded) override;

private:
    struct Span {
        Milliseconds least;
        Milliseconds most;
    };
    /// The way to the peer: it takes time, and the process may die or sleep on it.
    bool arrives(Span takes);
    /// The way back. False: the process is dead, and will never know.
    bool hears(Span takes);
    std::optional<Error> aws_refusal() const;
    void say(const std::string& text);
    Milliseconds clock_off() const;

    Result<Updated> write_at(const Key& key, const Change& change, const Condition& condition);
    void note_asking(const Change& change);
    void learn_epoch(const Change& change, const Updated& updated);
    Result<Instance> launch_one(const Intent& intent);
    Status terminate_one(const std::string& id);

    World& world_;
    int number_;
    Trigger trigger_;
    Random random_;
    Time began_{};
    Milliseconds wrong_by_{0};
    Milliseconds jump_{0};
    Time jumps_at_{};
    Sender sender_;
    std::string asks_as_;     // the owner of the last acquire
    bool knows_it_ = false;   // the state it was told knows the instance that it was woken for
    bool said_lost_ = false;  // it said that it could not keep the notice
    bool dead_ = false;
    bool ended_ = false;
};

}  // namespace nodenap::sim
