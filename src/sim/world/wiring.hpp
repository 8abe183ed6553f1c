#pragma once

#include "controller/ports.hpp"

#include <functional>
#include <memory>

namespace nodenap::sim {

class NetworkLink;
class World;

/// The ports of one process.
class Wiring {
public:
    virtual ~Wiring() = default;
    virtual const Ports& ports() const = 0;
};

/// Creates the ports of all processes of a world. By default a process calls the simulated services
/// directly (process.cpp); with sim/wire it uses the production adapters.
class Wirings {
public:
    virtual ~Wirings() = default;
    /// The encoding of the state; the checker reads it too.
    virtual Codec& codec() = 0;
    /// `clock` and `log` belong to the process, `link` connects it to the services.
    virtual std::unique_ptr<Wiring> make(NetworkLink& link, Clock& clock, EventLog& log) = 0;
};

/// Called when a world is created: only its address may be used until the first process exists.
using MakeWirings = std::function<std::unique_ptr<Wirings>(World&)>;

}  // namespace nodenap::sim
