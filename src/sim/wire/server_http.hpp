#pragma once

#include "sim/wire/secret_leak_detector.hpp"
#include "sim/wire/server.hpp"
#include "sim/world/world.hpp"

#include <map>
#include <memory>
#include <string>

namespace nodenap::servers {

/// Selects the service of a host: "dynamodb.us-east-1.amazonaws.com", as in a URL.
using Servers = std::map<std::string, std::unique_ptr<Server>>;

/// Shared by the processes of a world. It must outlive every request, including delayed ones.
struct Network {
    sim::World& world;
    const Servers& servers;
    SecretLeakDetector leaks;
};

/// The network of one simulated process: the requests of a batch run in parallel, take simulated
/// time, and are subject to the world's faults. It can return everything that the real Http can.
class ServerHttp final : public Http {
public:
    ServerHttp(const Network& network, sim::NetworkLink& link)
        : network_(network), world_(network.world), link_(link) {}

    using Http::send;
    std::vector<Result<HttpResponse>> send(const std::vector<HttpRequest>& requests) override;

private:
    struct Exchange;
    std::shared_ptr<Exchange> begin(const HttpRequest& request);
    void wait_for(const std::vector<std::shared_ptr<Exchange>>& exchanges);
    static bool is_understood(const Exchange& exchange);
    Result<HttpResponse> end(Exchange& exchange);
    Result<HttpResponse> read(Exchange& exchange);

    Network network_;
    sim::World& world_;
    sim::NetworkLink& link_;
};

}  // namespace nodenap::servers
