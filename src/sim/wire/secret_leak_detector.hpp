#pragma once

#include "adapters/json/decision_json.hpp"
#include "controller/ports.hpp"
#include "sim/wire/metadata_server.hpp"
#include "sim/world/world.hpp"

#include <string>

namespace nodenap::servers {

/// Reports a secret that appears where it must not (I9) to the world's checker.
class SecretLeakDetector {
public:
    SecretLeakDetector(sim::World& world, const RoleSession& session)
        : world_(world), session_(session) {}

    void check(const std::string& text, const char* where) const;
    /// Checks everything except the signing key, which libcurl never returns.
    void check(const HttpRequest& request) const;

private:
    sim::World& world_;
    const RoleSession& session_;
};

/// A process's own log, of which everything is checked.
class WatchedLog final : public EventLog {
public:
    WatchedLog(EventLog& log, const SecretLeakDetector& leaks) : log_(log), leaks_(leaks) {}

    void write(const LogEvent& event) override;
    void pass(const Record& record, bool succeeded) override;

private:
    EventLog& log_;
    SecretLeakDetector leaks_;
    JsonCodec codec_;
};

}  // namespace nodenap::servers
