#pragma once

#include "sim/world/wiring.hpp"

#include <memory>

namespace nodenap::servers {

/// Wires the processes of a simulated world as the function is wired: the production adapters and
/// parsers, on an Http whose peers are simulated servers. Sees to it that no secret is written.
std::unique_ptr<sim::Wirings> wire_servers(sim::World& world);

}  // namespace nodenap::servers
