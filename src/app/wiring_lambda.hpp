#pragma once

#include "app/config.hpp"
#include "controller/ports.hpp"

#include <memory>

namespace nodenap {

/// The ports of the function: AWS and Prometheus over HTTP, the state in DynamoDB, the event log
/// on standard output.
class FunctionWiring {
public:
    /// invalid: the CA bundle is not what it should be. Builds the TLS context, so that the first
    /// call does not pay for it; asks nothing of the network. Both must outlive the wiring.
    static Result<std::unique_ptr<FunctionWiring>> make(const Settings& settings,
                                                        const Environment& environment);
    ~FunctionWiring();
    FunctionWiring(const FunctionWiring&) = delete;
    FunctionWiring& operator=(const FunctionWiring&) = delete;
    const Ports& ports() const;

private:
    class Wires;
    explicit FunctionWiring(std::unique_ptr<Wires> wires);
    std::unique_ptr<Wires> wires_;
};

}  // namespace nodenap
