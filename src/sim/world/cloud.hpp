#pragma once

#include "controller/ports.hpp"
#include "sim/faults/faults.hpp"
#include "sim/world/random.hpp"
#include "sim/world/timeline.hpp"
#include "sim/world/trace.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace nodenap::sim {

/// Whether both make the same request to EC2: they may differ only in fields that are not sent.
bool is_same_request(const Operation& a, const Operation& b);

/// An EC2 instance in its actual state.
struct Machine {
    Instance instance;
    Operation request;  // its launch request; empty for instances not launched by Nodenap
    bool ours = false;  // has the cluster's tags
    bool server = false;
    bool tagged_by_hand = false;             // … but was not launched by this cluster
    bool joined = false;                     // its Node has been Ready
    std::optional<Time> seen_registered_at;  // … and a pass observed that and saved its memory
    std::optional<Time> not_ready_since;     // in all passes with node data that saved their memory
    std::set<std::string>
        nodes_that_may_be;          // Nodes in saved passes that may be its own, not matched by id
    int observations = 0;           // passes with node data while it ran that saved their memory
    std::optional<Time> warned_at;  // a spot interruption notice was sent
    bool being_removed = false;     // its removal was recorded
    bool launched_late = false;     // by an earlier epoch's request, or tagged by someone else
    bool terminate_refused = false;
    bool never_joins = false;
    Time listed_from{};
    std::optional<Time> ended_at;

    bool runs() const { return !ended_at; }
    bool is_worker() const { return ours && !server && !tagged_by_hand; }
};

/// Callbacks for changes of instances.
struct CloudEvents {
    std::function<void(Machine&)> booted;  // its kubelet may start
    std::function<void(Machine&, bool gracefully)> ended;
    std::function<void(Machine&)> warned;
};

/// EC2 with its faults.
class Cloud {
public:
    Cloud(Timeline& timeline, Trace& trace, std::uint64_t seed);

    void set_faults(const Faults& faults);
    void listen(CloudEvents events) { events_ = std::move(events); }

    /// Instances with the cluster's tags, as EC2 lists them now; terminated ones are listed for an
    /// hour.
    std::vector<Instance> list() const;
    bool is_listed(const Machine& machine) const;
    /// RunInstances with its client token: the same token returns the same instance.
    Result<Instance> run(const Operation& operation);
    Status terminate(const std::string& id);

    /// Changes not made by Nodenap: the server, foreign instances, users, spot interruptions,
    /// failures.
    Machine& place(Machine machine);
    void end(Machine& machine, const char* why, bool gracefully);
    void warn(Machine& machine);

    Machine* find(const std::string& id);
    const std::deque<Machine>& machines() const { return machines_; }
    std::deque<Machine>& machines() { return machines_; }
    const Machine* launched_by(const std::string& operation_id) const;

private:
    bool quota_runs_out();
    std::optional<Error> refusal(const Offering& offering);
    Machine& make(const Operation& operation);
    void begin_life(Machine& machine);

    Timeline& timeline_;
    Trace& trace_;
    Random random_;
    Faults faults_;
    CloudEvents events_;
    std::deque<Machine> machines_;  // a deque, since events refer to its elements
    std::map<std::string, std::size_t> by_token_;
    std::map<Offering, Time> none_until_;
    Random quota_random_;
    Time quota_until_{};
    int made_ = 0;
};

}  // namespace nodenap::sim
