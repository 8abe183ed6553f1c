#pragma once

#include "app/cli/terminal.hpp"
#include "app/config.hpp"
#include "app/config_profile.hpp"
#include "controller/ports.hpp"
#include "doctor/ports.hpp"

#include <atomic>
#include <memory>

namespace nodenap {

/// What the ports of a command are made of. All of it must outlive them.
struct CommandParts {
    const Settings& settings;
    const Environment& environment;
    Terminal& terminal;
    const std::atomic<bool>& interrupted;
    bool events = false;
    const Result<std::optional<ChosenProfile>>& profile;
};

/// Now, by the machine's clock.
Time present_time();

/// The ports of a command: AWS and Prometheus over HTTP, the state in DynamoDB or in a SQLite
/// file, as the settings say.
class CommandWiring {
public:
    /// invalid: the CA bundle, the SQLite file or the profile is not what it should be;
    /// unavailable: the file cannot be opened. Nothing is asked of the network yet.
    static Result<std::unique_ptr<CommandWiring>> make(const CommandParts& parts);
    ~CommandWiring();
    CommandWiring(const CommandWiring&) = delete;
    CommandWiring& operator=(const CommandWiring&) = delete;
    const Ports& ports() const;
    const PreflightPorts& preflight() const;

private:
    class Wires;
    explicit CommandWiring(std::unique_ptr<Wires> wires);
    std::unique_ptr<Wires> wires_;
};

}  // namespace nodenap
