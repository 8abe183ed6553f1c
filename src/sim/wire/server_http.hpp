#pragma once

#include "sim/wire/secret_leak_detector.hpp"
#include "sim/wire/server.hpp"
#include "sim/world/world.hpp"

#include <map>
#include <memory>
#include <string>

namespace nodenap::servers {

/// Which peer a host is: "dynamodb.us-east-1.amazonaws.com", as in a URL.
using Servers = std::map<std::string, std::unique_ptr<Server>>;

/// What the processes of a world have in common. All of it must outlive every request, also those
/// that arrive late.
struct Network {
    sim::World& world;
    const Servers& servers;
    SecretLeakDetector leaks;
};

/// The network as one simulated process sees it: the requests of a batch travel side by side, take
/// simulated time, and fare as the world's faults will have it. Whatever an adapter may get from
/// the real Http it may get from this.
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
