#include "app/wiring_cli.hpp"

#include "app/wiring_edge.hpp"

#include "adapters/aws/profile_credentials.hpp"
#include "adapters/log/event_log.hpp"
#include "adapters/store/sqlite.hpp"
#include "adapters/system/system_clock.hpp"
#include "app/cli/command_clock.hpp"
#include "app/cli/command_log.hpp"
#include "app/http_setup.hpp"
#include "doctor/aws.hpp"
#include "doctor/monitoring.hpp"

#include <unistd.h>

#include <utility>

namespace nodenap {

class CommandWiring::Wires {
public:
    Wires(const CommandParts& parts, HttpOptions http, std::unique_ptr<SqliteStore> sqlite)
        : machine_clock_(&parts.interrupted, parts.environment.clock_wrong_by),
          clock_(machine_clock_, parts.terminal, parts.interrupted),
          edge_clock_(nullptr, parts.environment.clock_wrong_by),
          http_(std::move(http)),
          profile_(profile_of(parts)),
          edge_(http_, edge_clock_, parts.settings, parts.environment, profile_.get()),
          dynamodb_(edge_.aws, parts.settings.state.dynamodb_table),
          sqlite_(std::move(sqlite)),
          json_log_(clock_, STDERR_FILENO, parts.settings.cluster),
          log_(parts.terminal, parts.events ? &json_log_ : nullptr),
          ports_{clock_, edge_.metrics, edge_.fleet, store(), edge_.codec, log_},
          doctor_aws_({http_, edge_clock_, edge_.credentials, edge_.aws}, parts.settings.cluster),
          doctor_monitoring_(http_, parts.settings.metrics),
          checkup_{doctor_aws_, doctor_aws_, doctor_aws_, doctor_monitoring_} {
        json_log_.hide(parts.environment.credentials.secret_access_key);
        json_log_.hide(parts.environment.credentials.session_token);
    }

    const Ports& ports() const { return ports_; }
    const PreflightPorts& preflight() const { return checkup_; }

private:
    /// Null where no profile is named and the default one, if there is one, has no credentials.
    std::unique_ptr<ProfileCredentials> profile_of(const CommandParts& parts) {
        const auto& chosen = parts.profile;
        if (!chosen || !*chosen) return nullptr;
        const bool named = !parts.environment.shared.profile.empty();
        if (!named && !has_credentials((*chosen)->all.at((*chosen)->name))) return nullptr;
        const auto run = [this](const std::vector<std::string>& words) {
            return program_output(words, edge_clock_);
        };
        return std::make_unique<ProfileCredentials>(
            http_, edge_clock_, run,
            ProfileSettings{(*chosen)->name, (*chosen)->all,
                            aws_settings(parts.settings, parts.environment)});
    }

    StateStore& store() {
        if (sqlite_) return *sqlite_;
        return dynamodb_;
    }

    SystemClock machine_clock_;
    CommandClock clock_;
    // Of the second tries only: waited for to the end, so that an interrupted pass releases its
    // lease.
    SystemClock edge_clock_;
    NetworkHttp http_;
    std::unique_ptr<ProfileCredentials> profile_;
    Edge edge_;
    DynamoDbStore dynamodb_;
    std::unique_ptr<SqliteStore> sqlite_;
    JsonEventLog json_log_;
    CommandLog log_;
    Ports ports_;
    DoctorAws doctor_aws_;
    DoctorMonitoring doctor_monitoring_;
    PreflightPorts checkup_;
};

CommandWiring::CommandWiring(std::unique_ptr<Wires> wires) : wires_(std::move(wires)) {}
CommandWiring::~CommandWiring() = default;
const Ports& CommandWiring::ports() const { return wires_->ports(); }
const PreflightPorts& CommandWiring::preflight() const { return wires_->preflight(); }

Result<std::unique_ptr<CommandWiring>> CommandWiring::make(const CommandParts& parts) {
    const auto& keys = parts.environment.credentials;
    if (!parts.profile && keys.access_key_id.empty() && keys.secret_access_key.empty()) {
        return parts.profile.error();
    }
    Result<HttpOptions> http = http_options(parts.environment);
    if (!http) return http.error();
    std::unique_ptr<SqliteStore> sqlite;
    if (parts.settings.state.dynamodb_table.empty()) {
        auto opened = SqliteStore::open(parts.settings.state.sqlite_path);
        if (!opened) return opened.error();
        sqlite = std::move(*opened);
    }
    return std::unique_ptr<CommandWiring>(
        new CommandWiring(std::make_unique<Wires>(parts, std::move(*http), std::move(sqlite))));
}

Time present_time() { return SystemClock().now(); }

}  // namespace nodenap
