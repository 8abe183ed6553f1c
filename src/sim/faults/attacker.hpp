#pragma once

#include "sim/world/world.hpp"

#include <string>
#include <vector>

namespace nodenap::sim {

/// An attacker who has the agents' token, or may tag instances, invoke the function, or write to
/// the table.
class Attacker {
public:
    Attacker(World& world, const Faults& faults);

    /// A manually tagged instance exists from the beginning; another one, from a foreign template,
    /// gets a copy of the tags of the first launched worker.
    void begin();
    /// Attacks on random workers, every ten minutes.
    void strike();
    /// Ends the attack and deletes the Nodes registered for it.
    void stop();

private:
    void attack(const Machine& victim);
    void register_node(const Machine& victim);
    void forge_launch(const Machine& like);
    void forge_removal(const Machine& victim);

    World& world_;
    Random random_;
    Faults faults_;
    int made_ = 0;
    bool stopped_ = false;
    std::vector<std::string> nodes_;
};

}  // namespace nodenap::sim
