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

/// Whether both ask EC2 for the same thing: they differ at most in what only we remember.
bool is_same_request(const Operation& a, const Operation& b);

/// An EC2 instance as it really is.
struct Machine {
    Instance instance;
    Operation request;  // what asked for it; nothing for what is not ours
    bool ours = false;  // has our tags
    bool server = false;
    bool tagged_by_hand = false;               // … by somebody: this cluster did not launch it
    bool joined = false;                       // its Node was Ready once
    std::optional<Time> seen_registered_at;    // … and a pass was told so, and has saved it
    std::optional<Time> not_told_ready_since;  // by any pass that was told of Nodes and saved it
    std::set<std::string> nodes_that_may_be;   // by the Nodes of saved passes, and not by id
    int observations = 0;  // passes that were told of Nodes while it ran, and have saved it
    std::optional<Time> warned_at;  // a spot warning was given
    bool asked_to_go = false;       // a removal of it was announced
    bool landed_late = false;       // of an epoch that was over, or tagged behind a pass's back
    bool terminate_refused = false;
    bool never_joins = false;
    Time listed_from{};
    std::optional<Time> ended_at;

    bool runs() const { return !ended_at; }
    bool is_worker() const { return ours && !server && !tagged_by_hand; }
};

/// Who wants to know what happens to instances.
struct CloudEvents {
    std::function<void(Machine&)> booted;  // its kubelet may begin
    std::function<void(Machine&, bool gracefully)> ended;
    std::function<void(Machine&)> warned;
};

/// EC2, and what goes wrong within it.
class Cloud {
public:
    Cloud(Timeline& timeline, Trace& trace, std::uint64_t seed);

    void set_faults(const Faults& faults);
    void listen(CloudEvents events) { events_ = std::move(events); }

    /// What is tagged as ours, as EC2 lists it now; what has ended is listed for an hour.
    std::vector<Instance> list() const;
    bool is_listed(const Machine& machine) const;
    /// RunInstances with its client token: the same token gives the same instance.
    Result<Instance> run(const Operation& operation);
    Status terminate(const std::string& id);

    /// Not through us: the server, somebody's instance, a person, the spot market, a defect.
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
    std::deque<Machine> machines_;  // never moves: events refer to them
    std::map<std::string, std::size_t> by_token_;
    std::map<Offering, Time> none_until_;
    Random quota_random_;
    Time quota_until_{};
    int made_ = 0;
};

}  // namespace nodenap::sim
