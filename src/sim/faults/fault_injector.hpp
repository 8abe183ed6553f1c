#pragma once

#include "sim/faults/attacker.hpp"

namespace nodenap::sim {

/// Injects faults: outages, lost instances, and delayed, repeated or lost invocations.
class FaultInjector {
public:
    FaultInjector(World& world, const Faults& faults);

    /// Creates the server and the account's other instances.
    void begin();
    /// The schedule's invocation, as EventBridge delivers it.
    void wake();
    /// Pods have been pending for as long as the alert rule requires.
    void alert();
    /// Stops all faults and repairs their effects.
    void clear_up();

private:
    void change();
    void change_outages();
    void change_machines();
    void strike(Machine& machine);
    void change_nodes();
    /// `set(true)` now with this chance, and `set(false)` after a while.
    void break_for_a_while(double chance, Milliseconds longest, std::function<void(bool)> set);

    World& world_;
    Attacker attacker_;
    Random random_;
    Faults faults_;
    bool clear_ = false;
    bool wakeups_stopped_ = false;
    std::vector<std::function<void(bool)>> broken_;
};

}  // namespace nodenap::sim
