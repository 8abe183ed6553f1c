#pragma once

#include "base/units.hpp"
#include "model/policy.hpp"
#include "model/snapshot.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// `not_checked`: it could not be asked, or rests on something that failed; `seen` says why.
/// `not_yet`: there is nothing to judge before the first pass.
enum class CheckStatus { ok, warning, failed, not_checked, not_yet };
/// "ok", "warning", "failed", "not checked", "not yet".
std::string_view word(CheckStatus status);

/// What was found, and what a person should do about it; no advice where all is well.
struct CheckResult {
    CheckStatus status = CheckStatus::ok;
    std::string seen;
    std::string advice = {};
    friend bool operator==(const CheckResult&, const CheckResult&) = default;
};

/// One line of `nodenap doctor`. Names are stable: "clock", "pool workers: launch template".
struct Check {
    std::string name;
    CheckResult finding;
};

// --- what was seen -----------------------------------------------------------------------------

struct SubnetSeen {
    std::string id;
    std::string zone;
    std::string state;  // "available", or "pending" …
    std::int64_t free_addresses = 0;
};

/// The pinned version of a launch template. Nothing of the user data is kept.
struct TemplateSeen {
    std::string image;
    std::string instance_profile;
    bool imds_v2_only = false;
    bool own_network_interface = false;  // then a launch may bring no subnet of its own
    std::string cpu_credits = {};        // "standard", "unlimited"; empty: the template names none
};

/// A type that EC2 sells in a zone.
struct TypeInZone {
    std::string type;
    std::string zone;
    friend bool operator==(const TypeInZone&, const TypeInZone&) = default;
};

struct NodeVersion {
    std::string node;
    std::string version;  // "v1.34.4+k3s1"
    bool server = false;
};

/// A scrape job and how many of its targets do not answer.
struct JobSeen {
    std::string job;
    std::int64_t targets = 0;
    std::int64_t down = 0;
};

// --- judgements: values in, one finding out ------------------------------------------------------

/// `ahead`: how far our clock is before `peer`'s; negative: behind it. Passes on several machines
/// share a lease whose end is a time of day, and metrics are asked for a time of day.
CheckResult judge_clock(Milliseconds ahead, std::string_view peer);

/// Whether the schedule still runs: `every` is its period, three of them missed are a failure.
CheckResult judge_last_pass(std::optional<Time> last_pass_at, Time now, Milliseconds every);

/// `wanted` as the file has it; `seen` is nullopt where EC2 knows none of that id. `most_nodes`:
/// how many nodes may come into it.
CheckResult judge_subnet(const Subnet& wanted, const std::optional<SubnetSeen>& seen,
                         int most_nodes);

/// Nullopt where EC2 has no such version.
CheckResult judge_template(const Pool& pool, const std::optional<TemplateSeen>& seen);

/// Whether EC2 sells the pool's types in the pool's zones: a launch template accepts any type.
CheckResult judge_offerings(const Pool& pool, const std::vector<TypeInZone>& sold);

/// Of a pool that may buy spot: EC2 launches none in an account without its role for spot, which
/// Nodenap may not create.
CheckResult judge_spot_role(const Pool& pool, bool is_there);

/// Workers must not be newer than the server, and should be at most one minor version older.
/// `api_version` counts where no node is known as a server; empty: not known either.
CheckResult judge_versions(const std::vector<NodeVersion>& nodes, const std::string& api_version);

/// Since when the token's parameter has its value; nullopt: there is no such parameter.
CheckResult judge_token(const std::string& parameter, std::optional<Time> changed_at, Time now);

/// The most vCPUs that the policy may run at once of EC2's "Standard" families (A, C, D, H, I, M,
/// R, T, Z), which share one quota for each way of buying.
int most_standard_vcpus(const Policy& policy, Capacity capacity);
CheckResult judge_quota(double allowed_vcpus, int wanted_vcpus);

/// Whether Prometheus watches the cluster that EC2's instances of ours belong to; `memory` is the
/// last pass's.
CheckResult judge_match(const std::vector<Instance>& instances, const std::vector<Node>& nodes,
                        const Memory& memory, Time now);

CheckResult judge_targets(const std::vector<JobSeen>& jobs);

/// Whether kube-state-metrics lists every pod that cAdvisor sees; `memory` is the last pass's.
CheckResult judge_listed_pods(const std::vector<Node>& nodes, const Memory& memory);

/// Whether Nodenap knows on which node the data of each bound local volume are.
CheckResult judge_volumes(const Signals& signals, const Memory& memory);

/// Families without which a fault of the view can go unnoticed; a failure where pods can.
CheckResult judge_families(const std::vector<std::string>& missing);

}  // namespace nodenap
