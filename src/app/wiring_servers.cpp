#include "app/wiring_servers.hpp"

#include "app/wiring_edge.hpp"

#include "sim/wire/dynamodb_server.hpp"
#include "sim/wire/ec2_server.hpp"
#include "sim/wire/metadata_server.hpp"
#include "sim/wire/prometheus_server.hpp"
#include "sim/wire/secret_leak_detector.hpp"
#include "sim/wire/server_http.hpp"

#include <utility>

namespace nodenap::servers {
namespace {

/// What nobody may ever read: whoever finds it in a line has found a leak.
RoleSession canary() {
    return {"AKIASIMULATED", Secret("canary-of-the-secret-access-key"),
            Secret("canary-of-the-session-token/with+signs==")};
}

Settings named(Settings settings) {
    settings.metrics.url = "http://prometheus:9090";
    settings.state = {"nodenap", ""};
    return settings;
}

/// Some processes are the function, which finds its session in its environment, and some run on a
/// machine, where they ask for it.
Environment environment_of(const RoleSession& session, bool is_function) {
    Environment environment;
    if (!is_function) return environment;
    environment.credentials.access_key_id = session.access_key_id;
    environment.credentials.secret_access_key = session.secret_access_key;
    environment.credentials.session_token = session.token;
    return environment;
}

/// The ports of one process, made as the two programs make theirs.
class ServerWiring final : public sim::Wiring {
public:
    struct Parts {
        const Settings& settings;
        const Environment environment;
        SecretLeakDetector leaks;
        Clock& clock;
        EventLog& log;
    };
    ServerWiring(Parts parts, std::unique_ptr<ServerHttp> http)
        : parts_(std::move(parts)),
          http_(std::move(http)),
          edge_(*http_, parts_.clock, parts_.settings, parts_.environment),
          store_(edge_.aws, parts_.settings.state.dynamodb_table),
          log_(parts_.log, parts_.leaks),
          ports_{parts_.clock, edge_.metrics, edge_.fleet, store_, edge_.codec, log_} {}

    const Ports& ports() const override { return ports_; }

private:
    Parts parts_;
    std::unique_ptr<ServerHttp> http_;
    Edge edge_;
    DynamoDbStore store_;
    WatchedLog log_;
    Ports ports_;
};

class ServerWirings final : public sim::Wirings {
public:
    explicit ServerWirings(sim::World& world) : world_(world) {}

    Codec& codec() override { return codec_; }

    std::unique_ptr<sim::Wiring> make(sim::NetworkLink& link, Clock& clock,
                                      EventLog& log) override {
        if (servers_.empty()) begin();
        const SecretLeakDetector leaks(world_, session_);
        const bool is_function = link.random.chance(0.5);
        return std::make_unique<ServerWiring>(
            ServerWiring::Parts{settings_, environment_of(session_, is_function), leaks, clock,
                                log},
            std::make_unique<ServerHttp>(Network{world_, servers_, leaks}, link));
    }

private:
    // Where aws_client looks for each of them; the world was not ready when this was made.
    void begin() {
        settings_ = named(world_.settings);
        const auto& region = settings_.region;
        servers_["dynamodb." + region + ".amazonaws.com"] =
            std::make_unique<DynamoDbServer>(world_, settings_.state.dynamodb_table);
        servers_["ec2." + region + ".api.aws"] = std::make_unique<Ec2Server>(world_);
        servers_["prometheus:9090"] = std::make_unique<PrometheusServer>(world_);
        servers_["169.254.169.254"] = std::make_unique<MetadataServer>(world_, session_);
    }

    sim::World& world_;
    RoleSession session_ = canary();
    Settings settings_;
    JsonCodec codec_;
    Servers servers_;
};

}  // namespace

std::unique_ptr<sim::Wirings> wire_servers(sim::World& world) {
    return std::make_unique<ServerWirings>(world);
}

}  // namespace nodenap::servers
