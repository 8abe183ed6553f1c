#pragma once

#include "base/secret.hpp"
#include "sim/wire/server.hpp"
#include "sim/world/world.hpp"

#include <string>

namespace nodenap::servers {

/// A role's session credentials from the instance metadata service.
struct RoleSession {
    std::string access_key_id;
    Secret secret_access_key;
    Secret token;
};

/// The instance metadata service, version 2: a token first, then the role, then its session.
class MetadataServer final : public Server {
public:
    MetadataServer(sim::World& world, const RoleSession& session)
        : world_(world), session_(session) {}

    Delivery plan(const HttpRequest& request, sim::NetworkLink& link) override;
    Reply answer(const Arrival& arrival) override;

private:
    sim::World& world_;
    const RoleSession& session_;
};

}  // namespace nodenap::servers
