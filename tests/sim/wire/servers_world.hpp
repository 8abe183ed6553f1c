#pragma once

#include "sim/faults/fault_injector.hpp"
#include "sim/scenario.hpp"
#include "sim/wire/delivery.hpp"
#include "sim/wire/server.hpp"
#include "sim/world/world.hpp"

#include <string>
#include <vector>

namespace nodenap::test {

/// A world of two small types and a server, and one process in it that asks the simulated peers.
struct ServersWorld {
    ServersWorld() { injector.begin(); }

    HttpResponse ask(servers::Server& server, const HttpRequest& request) {
        return server.answer({request, link, link.sender}).response;
    }
    bool is_kept(const std::string& promise) const {
        for (const auto& breach : world.checker.breaches()) {
            if (breach.promise == promise) return false;
        }
        return true;
    }

    sim::World world{sim::plain_settings(), 1, true};
    sim::NetworkLink link{world, 1};
    sim::FaultInjector injector{world, {}};
};

}  // namespace nodenap::test
