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

    void look_at(const std::string& text, const char* where) const;
    /// All of it but what is signed with: libcurl keeps that to itself.
    void look_at(const HttpRequest& request) const;

private:
    sim::World& world_;
    const RoleSession& session_;
};

/// A process's own log, and somebody who reads all of it.
class WatchedLog final : public EventLog {
public:
    WatchedLog(EventLog& log, const SecretLeakDetector& leaks) : log_(log), watch_(leaks) {}

    void write(const LogEvent& event) override;
    void pass(const Record& record, bool succeeded) override;

private:
    EventLog& log_;
    SecretLeakDetector watch_;
    JsonCodec codec_;
};

}  // namespace nodenap::servers
