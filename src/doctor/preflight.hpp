#pragma once

#include "controller/memory.hpp"
#include "controller/settings.hpp"
#include "doctor/ports.hpp"

#include <functional>
#include <string>
#include <vector>

namespace nodenap {

struct PreflightOptions {
    Milliseconds every = std::chrono::minutes(2);  // the schedule's period
    std::string token_parameter;                   // of the workers; empty: not told
};

/// What `nodenap doctor` works with. `trial_id` is the client token of its rehearsals.
struct Preflight {
    const Ports& ports;
    const PreflightPorts& asked;
    const Settings& settings;
    PreflightOptions options;
    std::string trial_id;
    bool can_sign = true;  // false: there are no credentials, and AWS is not asked
};

/// Everything that a pass depends on, each asked and judged by itself: one failure hides no other,
/// and what depends on a failed one is `not_checked` with its reason; a connection that fails is
/// a check of its own. Changes nothing.
std::vector<Check> check_everything(const Preflight& preflight);

// --- the parts, in the order of the answer -------------------------------------------------------

using Checks = std::vector<Check>;

/// Credentials and clock. False where nothing signed can be asked.
bool check_caller(const Preflight& preflight, Checks& checks);
CheckResult without_credentials();
/// What `judge` finds, or that it rests on the credentials where there are none.
CheckResult signed_finding(const Preflight& preflight, const std::function<CheckResult()>& judge);
/// The store: its rights, the last pass, the lease, a pause, the history.
void check_state(const Preflight& preflight, const Result<State>& state, Checks& checks);
/// Launches, terminations and what they name: templates, subnets, quotas. The fleet, where EC2
/// listed it; which instances are foreign the state knows.
Result<std::vector<Instance>> check_ec2(const Preflight& preflight, const Result<State>& state,
                                        Checks& checks);
void check_token(const Preflight& preflight, Checks& checks);
void check_monitoring(const Preflight& preflight, const Result<std::vector<Instance>>& fleet,
                      Checks& checks);

/// What the failure of a call says that the scaler itself must make.
CheckResult failed(const Error& error, const std::string& right);
/// Of one that only this checkup makes: without the right nothing is known, and nothing is wrong.
CheckResult unread(const Error& error, const std::string& right);

}  // namespace nodenap
