#pragma once

#include "controller/memory.hpp"
#include "scheduling/pack.hpp"
#include "sim/world/cloud.hpp"
#include "sim/world/cluster.hpp"
#include "sim/world/table.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace nodenap::sim {

/// What ended this recently may still be counted by a pass that looked before.
inline constexpr Milliseconds looked_before = std::chrono::minutes(2);

/// A promise that was not kept.
struct Breach {
    std::string promise;  // "I1" … "L6"
    Time at{};
    std::string text;
};

/// What a process knew when it sent a call.
struct Sender {
    std::int64_t epoch = 0;               // of its lease; 0 before it has one
    bool saw_fleet = false;               // EC2 told it what runs
    bool saw_all = false;                 // its last signals were whole
    bool saw_nodes = false;               // at least the Nodes were
    bool acquires = false;                // this call is the acquire itself
    std::int64_t sent = 0;                // how many writes it has sent, this one included
    Time now{};                           // its own clock when it asked for its lease
    Time asked_at{};                      // the world's then
    Time lease_ends{};                    // and when that lease ends, by the world's
    std::shared_ptr<const Signals> told;  // its last signals; none before it has read any
};

/// The parts of a world that the promises are about.
struct Ground {
    Timeline& timeline;
    Cloud& cloud;
    const Cluster& cluster;
    const Table& table;
    const Codec& codec;
    const Settings& settings;
};

/// Looks at every step, with the knowledge of the world that no program has.
class Checker {
public:
    explicit Checker(const Ground& ground) : ground_(ground) {}

    /// The clocks of this world are wrong by up to so much: spans of an hour are not exact.
    void allow_clocks(Milliseconds wrong_by) {
        clocks_wrong_by_ = std::max(clocks_wrong_by_, wrong_by);
    }
    /// A pass has saved its memory: every later pass can know which Nodes it was told are Ready.
    void memory_saved(const Sender& sender);

    /// Calls of EC2 begin.
    void acting(const Sender& sender);
    /// After a write of the state item that was not refused.
    void state_written(const Sender& sender, const Change& change);
    /// Somebody writes an operation into the state that no pass has announced.
    void forged(const Operation& operation) { forged_[operation.id] = operation; }
    /// Before EC2 is asked.
    void launching(const Operation& operation);
    /// After EC2 has made an instance.
    void launched(const Sender& sender, Machine& machine);
    void terminating(const std::string& instance_id);
    void termination_refused(const std::string& instance_id);
    /// EC2 has refused an offering, and the process has heard it.
    void offering_refused(const Sender& sender, const Offering& offering);
    /// An invocation that was woken by a warning, and knew the instance, has ended well.
    void warning_handled(const std::string& instance_id);
    /// A pass has ended and says why it did what it did.
    void passed(const Sender& sender, const Record& record);
    /// Faults have stopped for so long that everything must be well.
    void in_steady_state(Time quiet_since);

    /// A promise is broken: said here, or by whoever sees what this does not.
    void breach(const char* promise, std::string text);
    const std::vector<Breach>& breaches() const { return breaches_; }
    const Record& last_record() const { return last_record_; }

private:
    /// When nodes were last launched for a pod that fits nowhere, which, and what ran then.
    struct Try {
        Time at{};
        std::vector<std::string> launched;
        std::set<std::string> alive;
        bool complete = true;  // EC2 refused none of them
        bool again = false;    // soon after another
    };

    /// A pass that launched nodes for nothing but pods that fit nowhere.
    struct Attempt {
        Time at{};
        std::map<std::string, std::string> owner_of;  // by pod
        std::vector<std::string> launched;
        std::optional<Time> refuted_at;  // a pass was told that one of them helps none of the pods
        bool waited = false;             // … while pods of their owner waited
        bool used = false;               // a pass was told of a pod on one of them
        bool soon = false;               // after another was refuted, and many before it
        bool again = false;              // soon after another of the same owner was refuted
    };

    void check_lease(const Sender& sender);
    void check_fence(const Sender& sender);
    void check_interruptions(const Sender& sender, const Change& change);
    void announced(const Sender& sender, const Operation& operation);
    void launch_announced(const Sender& sender, const Operation& operation);
    void removal_announced(const Sender& sender, const Operation& operation);
    bool was_blind(const Sender& sender) const;
    bool most_are_hidden(const Sender& sender) const;
    void note_removed(const Sender& sender, const Operation& operation);
    void check_room(const Sender& sender, const Operation& operation);
    void check_unmatched(const Sender& sender, const Machine& machine);
    void check_registration_failed(const Sender& sender, const Machine& machine);
    void check_cooldown(const Sender& sender, const Operation& operation);
    void check_minimum(const Sender& sender, const Operation& operation);
    void check_emptiness(const Machine& machine);
    void check_dead(const Sender& sender, const Machine& machine);
    void check_maximum(const char* what, int most, const std::string& pool);
    bool is_about_to_go(const Machine& machine) const;
    bool has_forged_removal(const std::string& id) const;
    void note_closed(const Change& change);
    void check_price();
    int counted_in(const std::string& pool) const;
    double price_per_hour_usd() const;
    void check_account(const Sender& sender, const Plan& plan);
    void check_booting(const Sender& sender, const Plan& plan);
    bool has_interrupted(const std::set<std::string>& names);
    std::vector<Bin> booting_bins(const Sender& sender) const;
    void check_unschedulable(const Record& record);
    void note_try(const std::string& pod, Try now);
    void refute_attempts(const Sender& sender);
    std::optional<bool> is_told_used(const Sender& sender, const std::string& id) const;
    bool has_unseen_node(const Attempt& attempt) const;
    void refute(Attempt& attempt, const Sender& sender);
    void withdraw(Attempt& attempt, const Sender& sender) const;
    void note_attempt(Attempt now);
    void check_owners(Attempt& now);
    void check_owner(Attempt& now, const std::string& owner);
    bool stands_unused(const std::string& id) const;
    std::set<std::string> running() const;
    bool counts(const Machine& machine) const;
    bool registered_lately(const Machine& machine) const;
    bool is_explained(const Pod& pod) const;
    const Plan& last_word_on_surplus() const;
    bool surplus_may_wait() const;
    bool is_kept_for_a_reason(const std::string& id) const;
    bool may_be_asked_for(const Pool& pool, const InstanceType& type, const Pod& pod) const;
    bool was_never_asked_for(const Pod& pod) const;
    void check_steady_pods();
    void check_steady_load();
    void check_steady_minimum();
    void check_steady_surplus();
    void check_steady_state();
    void check_steady_instances();
    void check_calm(Time quiet_since);

    Ground ground_;
    Milliseconds clocks_wrong_by_{0};
    std::map<std::string, Operation> announced_;
    std::map<std::string, Operation> forged_;
    std::set<std::string> to_remove_;  // instances whose removal was announced
    std::vector<Time> launches_;
    std::vector<Time> removals_;  // of what was not needed
    std::map<std::string, Try> tries_;
    std::vector<Attempt> attempts_;
    Sender last_writer_;                       // of what is fenced
    std::optional<Time> last_removal_at_;      // by the clock of the pass that made it
    std::optional<Time> before_last_removal_;  // counts again if EC2 refuses the last one
    std::pair<std::int64_t, std::int64_t> last_removal_write_;  // its epoch and number
    std::set<std::string> last_removed_;           // in that write, less those that EC2 refused
    std::set<std::string> going_together_;         // in that write, dead ones aside
    std::map<Offering, std::int64_t> refused_in_;  // the epoch of each offering's last refusal
    std::map<std::string, std::int64_t> refused_to_go_;  // likewise, until it has been saved
    std::set<Offering> asked_;                           // all offerings that any operation named
    std::set<std::string> noticed_;                      // instances that a notice was kept of
    Record last_record_;
    Plan before_giving_up_;  // of the pass before the first of those that gave instances up
    std::vector<Breach> breaches_;
};

}  // namespace nodenap::sim
