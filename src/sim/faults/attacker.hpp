#pragma once

#include "sim/world/world.hpp"

#include <string>
#include <vector>

namespace nodenap::sim {

/// What somebody does who holds the agents' token, may tag instances, may invoke the function, or
/// may write to the table.
class Attacker {
public:
    Attacker(World& world, const Faults& faults);

    /// An instance that was tagged by hand is there from the beginning; another, of somebody's
    /// template, gets a copy of the tags of the first that is launched.
    void begin();
    /// Something against one worker or another, each ten minutes.
    void strike();
    /// The attack ends, and the Nodes that were registered for it go.
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
