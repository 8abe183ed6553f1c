#pragma once

#include "sim/faults/attacker.hpp"

namespace nodenap::sim {

/// What goes wrong by itself: outages, lost machines, and wake-ups that come as they like.
class FaultInjector {
public:
    FaultInjector(World& world, const Faults& faults);

    /// Puts the server there, and what else is on the account.
    void begin();
    /// The scheduler's tick, as EventBridge delivers it.
    void wake();
    /// Pods have waited for as long as Prometheus' rule asks.
    void alert();
    /// Nothing goes wrong from now on, and what was broken is mended.
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
