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

/// Instances that ended this recently may still count for a pass that observed them before.
inline constexpr Milliseconds observed_before = std::chrono::minutes(2);

/// A broken promise.
struct Breach {
    std::string promise;  // "I1" … "L6"
    Time at{};
    std::string text;
};

/// What a process knew when it sent a call.
struct Sender {
    std::int64_t epoch = 0;                  // of its lease; 0 before it has one
    bool listed_instances = false;           // it has listed the instances
    bool had_all_signals = false;            // its last signals were complete
    bool had_nodes = false;                  // at least the Nodes were complete
    bool acquires = false;                   // this call is the acquire itself
    std::int64_t sent = 0;                   // number of writes it has sent, including this one
    Time now{};                              // its own clock when it requested its lease
    Time asked_at{};                         // the same moment by the world's clock
    Time lease_ends{};                       // the lease's expiry by the world's clock
    std::shared_ptr<const Signals> signals;  // its last signals; null before it has read any
};

/// The parts of a world that the checker observes.
struct Ground {
    Timeline& timeline;
    Cloud& cloud;
    const Cluster& cluster;
    const Table& table;
    const Codec& codec;
    const Settings& settings;
};

/// Checks the promises at every step, with complete knowledge of the simulated world.
class Checker {
public:
    explicit Checker(const Ground& ground) : ground_(ground) {}

    /// The clocks of this world may be wrong by this much, so hourly limits are checked with
    /// tolerance.
    void allow_clocks(Milliseconds wrong_by) {
        clocks_wrong_by_ = std::max(clocks_wrong_by_, wrong_by);
    }
    /// A pass has saved its memory, so later passes know which Nodes it observed Ready.
    void memory_saved(const Sender& sender);

    /// Before calls to EC2.
    void acting(const Sender& sender);
    /// After a write of the state item that was not refused.
    void state_written(const Sender& sender, const Change& change);
    /// An attacker has written an operation that no pass announced into the state.
    void forged(const Operation& operation) { forged_[operation.id] = operation; }
    /// Before a launch request.
    void launching(const Operation& operation);
    /// After EC2 has launched an instance.
    void launched(const Sender& sender, Machine& machine);
    void terminating(const std::string& instance_id);
    void termination_refused(const std::string& instance_id);
    /// EC2 has refused an offering, and the process received the response.
    void offering_refused(const Sender& sender, const Offering& offering);
    /// An invocation triggered by a spot interruption notice has succeeded, and knew the instance.
    void warning_handled(const std::string& instance_id);
    /// A pass has ended, with its record.
    void passed(const Sender& sender, const Record& record);
    /// Faults have stopped long enough for the steady state to be reached.
    void in_steady_state(Time quiet_since);

    /// Reports a broken promise; also called by other components that detect one.
    void breach(const char* promise, std::string text);
    const std::vector<Breach>& breaches() const { return breaches_; }
    const Record& last_record() const { return last_record_; }

private:
    /// The last launch for a pod that fits nowhere: time, instances, and the instances running
    /// then.
    struct Try {
        Time at{};
        std::vector<std::string> launched;
        std::set<std::string> alive;
        bool complete = true;  // EC2 refused none of them
        bool again = false;    // soon after another
    };

    /// A pass that launched nodes only for pods that fit nowhere.
    struct Attempt {
        Time at{};
        std::map<std::string, std::string> owner_of;  // by pod
        std::vector<std::string> launched;
        std::optional<Time>
            refuted_at;       // a pass could know that one of them helps none of the pods
        bool waited = false;  // … while pods of their owner were pending
        bool used = false;    // the signals of a pass showed a pod on one of them
        bool soon = false;    // after another was refuted, and many before it
        bool again = false;   // soon after another of the same owner was refuted
    };

    void check_lease(const Sender& sender);
    void check_fence(const Sender& sender);
    void check_interruptions(const Sender& sender, const Change& change);
    void announced(const Sender& sender, const Operation& operation);
    void launch_announced(const Sender& sender, const Operation& operation);
    void removal_announced(const Sender& sender, const Operation& operation);
    bool lacked_signals(const Sender& sender) const;
    bool most_nodes_missing(const Sender& sender) const;
    void note_removed(const Sender& sender, const Operation& operation);
    void check_capacity(const Sender& sender, const Operation& operation);
    void check_unmatched(const Sender& sender, const Machine& machine);
    void check_registration_failed(const Sender& sender, const Machine& machine);
    void check_cooldown(const Sender& sender, const Operation& operation);
    void check_minimum(const Sender& sender, const Operation& operation);
    void check_emptiness(const Machine& machine);
    void check_not_ready(const Sender& sender, const Machine& machine);
    void check_maximum(const char* what, int most, const std::string& pool);
    bool may_be_interrupted(const Machine& machine) const;
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
    std::optional<bool> is_used(const Sender& sender, const std::string& id) const;
    bool has_unseen_node(const Attempt& attempt) const;
    void refute(Attempt& attempt, const Sender& sender);
    void withdraw(Attempt& attempt, const Sender& sender) const;
    void note_attempt(Attempt now);
    void check_owners(Attempt& now);
    void check_owner(Attempt& now, const std::string& owner);
    bool is_unused(const std::string& id) const;
    std::set<std::string> running() const;
    bool counts(const Machine& machine) const;
    bool registered_lately(const Machine& machine) const;
    bool is_explained(const Pod& pod) const;
    const Plan& last_plan_on_surplus() const;
    bool surplus_may_wait() const;
    bool is_kept_with_reason(const std::string& id) const;
    bool may_be_requested(const Pool& pool, const InstanceType& type, const Pod& pod) const;
    bool was_never_requested(const Pod& pod) const;
    void check_steady_pods();
    void check_steady_load();
    void check_steady_minimum();
    void check_steady_surplus();
    void check_steady_state();
    void check_steady_instances();
    void check_no_flapping(Time quiet_since);

    Ground ground_;
    Milliseconds clocks_wrong_by_{0};
    std::map<std::string, Operation> announced_;
    std::map<std::string, Operation> forged_;
    std::set<std::string> to_remove_;  // instances whose removal was announced
    std::vector<Time> launches_;
    std::vector<Time> removals_;  // of nodes that were not needed
    std::map<std::string, Try> tries_;
    std::vector<Attempt> attempts_;
    Sender last_writer_;                       // of attributes protected by the fencing token
    std::optional<Time> last_removal_at_;      // by the clock of the pass that made it
    std::optional<Time> before_last_removal_;  // counts again if EC2 refuses the last one
    std::pair<std::int64_t, std::int64_t> last_removal_write_;  // its epoch and number
    std::set<std::string> last_removed_;      // in that write, without those that EC2 refused
    std::set<std::string> removed_together_;  // in that write, without dead ones
    std::map<Offering, std::int64_t> refusal_epochs_;  // the epoch of each offering's last refusal
    std::map<std::string, std::int64_t> refused_terminations_;  // likewise, until saved
    std::set<Offering> asked_;           // offerings of all operations so far
    std::set<std::string> interrupted_;  // instances with a saved interruption
    Record last_record_;
    Plan plan_before_terminations_;  // of the last pass before those that terminated unregistered
                                     // instances
    std::vector<Breach> breaches_;
};

}  // namespace nodenap::sim
