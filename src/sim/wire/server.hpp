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

/// How one request fares.
struct Delivery {
    enum class Back { whole, lost, cut, damaged, replaced };

    bool connects = true;       // else nothing is sent
    bool arrives = true;        // the peer acts on it
    Milliseconds there{0};      // more than the request's timeout: it arrives all the same
    Milliseconds takes{0};      // at the peer and back
    Back back = Back::whole;    // what comes back
    HttpResponse instead = {};  // for `replaced`
};

/// One simulated service of a world.
class Server {
public:
    virtual ~Server() = default;
    /// Drawn as the request goes out, from the process's own dice.
    virtual Delivery plan(const HttpRequest& request, sim::NetworkLink& link) = 0;
    virtual Reply answer(const Arrival& arrival) = 0;
};

}  // namespace nodenap::servers
