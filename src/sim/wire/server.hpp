#pragma once

#include "adapters/http/http.hpp"
#include "sim/world/network_link.hpp"

#include <functional>
#include <string>

namespace nodenap::servers {

/// A request as it reaches a service. `sender` is what its process knew when it was sent.
struct Arrival {
    const HttpRequest& request;
    sim::NetworkLink& link;
    sim::Sender sender;
};

/// The service's response, in its own wire format.
struct Reply {
    HttpResponse response;
    std::function<void()> on_received = [] {};  // called when the process has received it
};

/// How one request is delivered.
struct Delivery {
    enum class Back { whole, lost, cut, damaged, replaced };

    bool connects = true;       // else nothing is sent
    bool arrives = true;        // the service processes it
    Milliseconds there{0};      // may exceed the request's timeout: it still arrives
    Milliseconds takes{0};      // at the service and back
    Back back = Back::whole;    // how the response arrives
    HttpResponse instead = {};  // for `replaced`
};

/// A simulated service of a world.
class Server {
public:
    virtual ~Server() = default;
    /// Drawn when the request is sent, from the process's own random numbers.
    virtual Delivery plan(const HttpRequest& request, sim::NetworkLink& link) = 0;
    virtual Reply answer(const Arrival& arrival) = 0;
};

}  // namespace nodenap::servers
