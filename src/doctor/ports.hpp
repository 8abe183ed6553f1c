#pragma once

#include "controller/ports.hpp"
#include "doctor/checks.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// Where the credentials in use come from, and until when they are good.
struct CredentialsSeen {
    std::string source;
    std::optional<Time> expires_at;
};

/// Who asks, and what time it is where the answers come from.
class Caller {
public:
    virtual ~Caller() = default;
    virtual Result<CredentialsSeen> credentials() = 0;
    /// AWS's own clock, which it tells without a signature too.
    virtual Result<Time> aws_time() = 0;
};

/// Rehearsals: nothing is launched or terminated, EC2 says only whether it would be.
class Trials {
public:
    virtual ~Trials() = default;
    /// The very requests that a pass would send, one answer for each, in order.
    virtual std::vector<Status> try_launches(const std::vector<Operation>& operations) = 0;
    virtual Status try_termination(const std::string& instance_id) = 0;
};

/// What the configuration names in the account. Reading it is the person's right, not the
/// function's: `denied` is an ordinary answer.
class Account {
public:
    virtual ~Account() = default;
    /// Those that exist, in any order.
    virtual Result<std::vector<SubnetSeen>> subnets(const std::vector<std::string>& ids) = 0;
    virtual Result<std::optional<TemplateSeen>> launch_template(const std::string& id,
                                                                const std::string& version) = 0;
    /// When a parameter got its value, which is not read; nullopt: there is no such parameter.
    virtual Result<std::optional<Time>> parameter_changed_at(const std::string& name) = 0;
    /// Where EC2 sells these types, zone by zone.
    virtual Result<std::vector<TypeInZone>> sold_types(const std::vector<std::string>& types) = 0;
    /// Whether the account has AWSServiceRoleForEC2Spot.
    virtual Result<bool> has_spot_role() = 0;
    /// EC2's quota of the Standard families, in vCPUs.
    virtual Result<double> vcpu_quota(Capacity capacity) = 0;
};

struct MonitoringSeen {
    std::optional<Time> clock;  // of Prometheus, where its answer told it
    std::vector<JobSeen> jobs;
    std::vector<NodeVersion> nodes;
    std::string api_version;                // of the API server, where it is scraped
    std::vector<std::string> missing = {};  // families that would show a partial view
};

/// Prometheus beside the signals: what it scrapes, and which versions run.
class Monitoring {
public:
    virtual ~Monitoring() = default;
    virtual Result<MonitoringSeen> look(Time now) = 0;
};

struct PreflightPorts {
    Caller& caller;
    Trials& trials;
    Account& account;
    Monitoring& monitoring;
};

}  // namespace nodenap
