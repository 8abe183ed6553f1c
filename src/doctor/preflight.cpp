#include "doctor/preflight.hpp"

#include "controller/memory.hpp"
#include "decide/explain.hpp"
#include "doctor/connection.hpp"

#include <algorithm>
#include <utility>

namespace nodenap {
namespace {

bool lacks_right(const Error& error) {
    return error.code.starts_with("UnauthorizedOperation") ||
           error.code.starts_with("AccessDenied");
}

std::string advice_for(const Error& error, const std::string& right) {
    if (lacks_right(error)) {
        return "Grant the credentials in use the permission " + right +
               ": docs/security.md, \"Rights\", has the whole list.";
    }
    if (error.kind == ErrorKind::denied) return "Check the credentials and this machine's clock.";
    if (error.kind == ErrorKind::invalid) return "Fix what the message names.";
    if (error.kind == ErrorKind::no_capacity) return "Permission is fine; EC2 has no capacity now.";
    return "Check the address and the network.";
}

CheckResult judge_credentials(const CredentialsSeen& seen, Time now) {
    std::string text = "from " + seen.source;
    if (seen.expires_at) {
        text += ", valid for another " +
                duration_text(std::max(*seen.expires_at - now, Milliseconds(0)));
    }
    return {CheckStatus::ok, text};
}

/// No clause of it can hold: the write tells whether it would be allowed, and changes nothing.
Condition never() { return {{{{"epoch", Test::absent}, {"epoch", Test::present}}}}; }

CheckResult judge_write(const Result<Updated>& answer) {
    if (!answer) return failed(answer.error(), "dynamodb:UpdateItem");
    if (answer->refused) return {CheckStatus::ok, "conditional writes are allowed"};
    return {CheckStatus::failed, "the store ignored a write condition",
            "This endpoint does not honour conditional writes; use real DynamoDB or SQLite."};
}

CheckResult judge_format(const State& state, Time now) {
    if (state.format > state_format) {
        return {CheckStatus::failed, "the state was written by a newer Nodenap",
                "Upgrade this one; docs/guide.md, \"Roll back\", has the other way."};
    }
    const bool left = !state.lease_owner.empty() && state.lease_until && *state.lease_until < now;
    if (left) {
        return {CheckStatus::warning, "its lease was left by a pass that crashed",
                "The next pass takes it over; the function's log says why that pass crashed."};
    }
    return {CheckStatus::ok, "readable, epoch " + std::to_string(state.epoch)};
}

CheckResult judge_pause(const State& state, const Settings& settings, Time now) {
    if (state.paused_until && *state.paused_until > now) {
        return {CheckStatus::warning,
                state.pause_reason.empty() ? "Nodenap is paused"
                                           : "Nodenap is paused: " + state.pause_reason,
                "`nodenap resume` ends the pause."};
    }
    if (settings.policy.mode == Mode::observe) {
        return {CheckStatus::ok, std::string("mode is \"observe\"") +
                                     (settings.mode_named ? "" : ", as the file sets none") +
                                     ": decisions are recorded, nothing is launched or terminated"};
    }
    return {CheckStatus::ok, "mode is \"" + std::string(word(settings.policy.mode)) + "\""};
}

/// A record is written when something was done or the reason changed, so the newest one tells how
/// it has been since.
CheckResult judge_history(const History& history) {
    if (history.records.empty()) return {CheckStatus::ok, "no record of the last 24 hours"};
    const Record& newest = history.records.front();
    for (const Effect& effect : newest.done) {
        if (!effect.error) continue;
        return {CheckStatus::warning, effect.kind + " " + effect.result + ": " + *effect.error,
                "See `nodenap history`."};
    }
    if (!newest.plan.signals.unknown.empty()) {
        const auto& unknown = newest.plan.signals.unknown.front();
        return {CheckStatus::warning,
                "the last pass could not observe " + unknown.signal + ": " + unknown.cause,
                "See `nodenap history`."};
    }
    return {CheckStatus::ok, "last record: " + headline(newest.plan)};
}

/// A SQLite file asks for none.
bool needs_signature(const Preflight& preflight) {
    return !preflight.settings.state.dynamodb_table.empty();
}

void check_passes(const Preflight& preflight, const Result<State>& state, Checks& checks) {
    const auto judged = [&](const std::function<CheckResult()>& judge) {
        if (state) return judge();
        return CheckResult{CheckStatus::not_checked, "depends on the state"};
    };
    const Time now = preflight.ports.clock.now();
    checks.push_back({"schedule", judged([&] {
                          return judge_last_pass(state->last_pass_at, now, preflight.options.every);
                      })});
    checks.push_back(
        {"mode", judged([&] { return judge_pause(*state, preflight.settings, now); })});
}

Result<State> read_signed(const Preflight& preflight) {
    if (needs_signature(preflight) && !preflight.can_sign) {
        return Error{ErrorKind::denied, "no credentials"};
    }
    return read_state(preflight.ports.store, preflight.ports.codec, preflight.settings.cluster);
}

}  // namespace

CheckResult failed(const Error& error, const std::string& right) {
    return {CheckStatus::failed, error.text, advice_for(error, right)};
}

CheckResult unread(const Error& error, const std::string& right) {
    if (error.kind == ErrorKind::invalid) return failed(error, right);
    const std::string needs = lacks_right(error) ? "needs " + right + ": " : "";
    return {CheckStatus::not_checked, needs + error.text, advice_for(error, right)};
}

bool check_caller(const Preflight& preflight, Checks& checks) {
    const auto credentials = preflight.asked.caller.credentials();
    const Time now = preflight.ports.clock.now();
    if (credentials) {
        checks.push_back({"credentials", judge_credentials(*credentials, now)});
    } else {
        checks.push_back(
            {"credentials",
             {CheckStatus::failed, credentials.error().text,
              "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run "
              "where a role is attached."}});
    }
    const auto theirs = preflight.asked.caller.aws_time();
    const Time ours = preflight.ports.clock.now();
    if (theirs) {
        checks.push_back({"clock", judge_clock(ours - *theirs, "AWS")});
    } else {
        checks.push_back(
            {"clock",
             {CheckStatus::not_checked, "cannot compare clocks: " + theirs.error().text,
              "Check the network path to EC2."}});
    }
    return static_cast<bool>(credentials);
}

void check_state(const Preflight& preflight, const Result<State>& state, Checks& checks) {
    const Ports& ports = preflight.ports;
    const std::string& cluster = preflight.settings.cluster;
    const auto add = [&](const char* name, const std::function<CheckResult()>& judge) {
        checks.push_back(
            {name, needs_signature(preflight) ? signed_finding(preflight, judge) : judge()});
    };
    add("state: read", [&] {
        return state ? judge_format(*state, ports.clock.now())
                     : failed(state.error(), "dynamodb:GetItem");
    });
    add("state: write", [&] {
        const Change nothing{.remove = {{"doctor"}}};
        return judge_write(ports.store.update(state_key(cluster), nothing, never()));
    });
    add("journal", [&] {
        const HistorySpan span{ports.clock.now() - std::chrono::hours(24), 1};
        const auto history = read_history(ports.store, ports.codec, cluster, span);
        return history ? judge_history(*history) : failed(history.error(), "dynamodb:Query");
    });
    check_passes(preflight, state, checks);
}

CheckResult without_credentials() {
    return {CheckStatus::not_checked, "depends on the credentials"};
}

CheckResult signed_finding(const Preflight& preflight, const std::function<CheckResult()>& judge) {
    return preflight.can_sign ? judge() : without_credentials();
}

void check_token(const Preflight& preflight, Checks& checks) {
    const std::string& name = preflight.options.token_parameter;
    if (name.empty()) {
        checks.push_back({"workers' token",
                          {CheckStatus::not_checked, "no parameter given",
                           "Pass --token-parameter /k3s/prod/agent-token"}});
        return;
    }
    checks.push_back({"workers' token", signed_finding(preflight, [&] {
                          const auto at = preflight.asked.account.parameter_changed_at(name);
                          return at ? judge_token(name, *at, preflight.ports.clock.now())
                                    : unread(at.error(), "ssm:DescribeParameters");
                      })});
}

std::vector<Check> check_everything(const Preflight& preflight) {
    Checks checks;
    Preflight able = preflight;
    able.can_sign = check_caller(preflight, checks);
    const auto state = read_signed(able);
    const auto fleet = check_ec2(able, state, checks);
    check_token(able, checks);
    check_state(able, state, checks);
    check_monitoring(able, fleet, checks);
    return connections_once(std::move(checks));
}

}  // namespace nodenap
