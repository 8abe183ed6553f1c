#pragma once

#include "controller/ports.hpp"

#include <functional>
#include <memory>

namespace nodenap::sim {

class NetworkLink;
class World;

/// The ports of one process, until it ends.
class Wiring {
public:
    virtual ~Wiring() = default;
    virtual const Ports& ports() const = 0;
};

/// Who makes them for the processes of one world. Without one a process meets the peers
/// themselves (process.cpp); app has one that puts the production adapters between them.
class Wirings {
public:
    virtual ~Wirings() = default;
    /// How the state is written; the checker reads it too.
    virtual Codec& codec() = 0;
    /// `clock` and `log` are the process's own, and `way` leads to the peers.
    virtual std::unique_ptr<Wiring> make(NetworkLink& link, Clock& clock, EventLog& log) = 0;
};

/// Called as a world begins: only its address may be kept until the first process is made.
using MakeWirings = std::function<std::unique_ptr<Wirings>(World&)>;

}  // namespace nodenap::sim
