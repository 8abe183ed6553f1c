#include "doctor/checkup.hpp"

#include "controller/memory.hpp"
#include "decide/explain.hpp"

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
        return "Give the credentials in use the right " + right +
               ": docs/security.md, \"Rights\", has the whole list.";
    }
    if (error.kind == ErrorKind::denied)
        return "Use credentials that AWS knows, and a right clock.";
    if (error.kind == ErrorKind::invalid) return "Mend what the message names.";
    if (error.kind == ErrorKind::no_capacity) return "EC2 has the right, but not the room.";
    return "See whether the address is right and can be reached from here.";
}

Finding judge_credentials(const CredentialsSeen& seen, Time now) {
    std::string text = "from " + seen.source;
    if (seen.expires_at) {
        text += ", good for another " +
                duration_text(std::max(*seen.expires_at - now, Milliseconds(0)));
    }
    return {Verdict::ok, text};
}

/// No clause of it can hold: the write tells whether it would be allowed, and changes nothing.
Condition never() { return {{{{"epoch", Test::absent}, {"epoch", Test::present}}}}; }

Finding judge_write(const Result<Updated>& answer) {
    if (!answer) return failed(answer.error(), "dynamodb:UpdateItem");
    if (answer->refused) return {Verdict::ok, "a conditional write is allowed"};
    return {Verdict::failed, "a write was made although its condition does not hold",
            "This store cannot keep a lease: use DynamoDB itself, or SQLite."};
}

Finding judge_format(const State& state, Time now) {
    if (state.format > state_format) {
        return {Verdict::failed, "the state was written by a newer Nodenap",
                "Upgrade this one; docs/guide.md, \"Roll back\", has the other way."};
    }
    const bool left = !state.lease_owner.empty() && state.lease_until && *state.lease_until < now;
    if (left) {
        return {Verdict::warning, "its lease was left behind by a pass that died",
                "The next pass takes it; the function's log says why that one died."};
    }
    return {Verdict::ok, "it can be read; epoch " + std::to_string(state.epoch)};
}

Finding judge_pause(const State& state, const Settings& settings, Time now) {
    if (state.paused_until && *state.paused_until > now) {
        return {Verdict::warning, "passes are paused", "`nodenap resume` ends the pause."};
    }
    if (settings.policy.mode == Mode::observe) {
        return {Verdict::ok, std::string("mode is \"observe\"") +
                                 (settings.mode_named ? "" : ", as the file sets none") +
                                 ": passes decide and change nothing"};
    }
    return {Verdict::ok, "mode is \"" + std::string(word(settings.policy.mode)) + "\""};
}

/// A record is written when something was done or the reason changed, so the newest one tells how
/// it has been since.
Finding judge_journal(const History& history) {
    if (history.records.empty()) return {Verdict::ok, "no record of the last 24 hours"};
    const Record& newest = history.records.front();
    for (const Effect& effect : newest.done) {
        if (!effect.error) continue;
        return {Verdict::warning, effect.kind + " " + effect.result + ": " + *effect.error,
                "`nodenap history` has the rest."};
    }
    if (!newest.plan.signals.unknown.empty()) {
        const auto& unknown = newest.plan.signals.unknown.front();
        return {Verdict::warning,
                "the newest record could not see " + unknown.signal + ": " + unknown.cause,
                "`nodenap history` has the rest."};
    }
    return {Verdict::ok, "the newest record: " + headline(newest.plan)};
}

/// A SQLite file asks for none.
bool needs_signature(const Checkup& checkup) {
    return !checkup.settings.state.dynamodb_table.empty();
}

void check_passes(const Checkup& checkup, const Result<State>& state, Checks& checks) {
    const auto judged = [&](const std::function<Finding()>& judge) {
        if (state) return judge();
        return Finding{Verdict::not_checked, "rests on the state, which could not be read"};
    };
    const Time now = checkup.ports.clock.now();
    checks.push_back({"schedule", judged([&] {
                          return judge_last_pass(state->last_pass_at, now, checkup.options.every);
                      })});
    checks.push_back({"mode", judged([&] { return judge_pause(*state, checkup.settings, now); })});
}

Result<State> read_signed(const Checkup& checkup) {
    if (needs_signature(checkup) && !checkup.can_sign) {
        return Error{ErrorKind::denied, "no credentials"};
    }
    return read_state(checkup.ports.store, checkup.ports.codec, checkup.settings.cluster);
}

}  // namespace

Finding failed(const Error& error, const std::string& right) {
    return {Verdict::failed, error.text, advice_for(error, right)};
}

Finding unread(const Error& error, const std::string& right) {
    if (error.kind == ErrorKind::invalid) return failed(error, right);
    const std::string needs = lacks_right(error) ? "needs " + right + ": " : "";
    return {Verdict::not_checked, needs + error.text, advice_for(error, right)};
}

bool check_caller(const Checkup& checkup, Checks& checks) {
    const auto credentials = checkup.asked.caller.credentials();
    const Time now = checkup.ports.clock.now();
    if (credentials) {
        checks.push_back({"credentials", judge_credentials(*credentials, now)});
    } else {
        checks.push_back(
            {"credentials",
             {Verdict::failed, credentials.error().text,
              "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run "
              "where a role is attached."}});
    }
    const auto theirs = checkup.asked.caller.aws_time();
    const Time ours = checkup.ports.clock.now();
    if (theirs) {
        checks.push_back({"clock", judge_clock(ours - *theirs, "AWS")});
    } else {
        checks.push_back(
            {"clock",
             {Verdict::not_checked, "AWS did not tell its time: " + theirs.error().text,
              "See whether EC2's address can be reached from here."}});
    }
    return static_cast<bool>(credentials);
}

void check_state(const Checkup& checkup, const Result<State>& state, Checks& checks) {
    const Ports& ports = checkup.ports;
    const std::string& cluster = checkup.settings.cluster;
    const auto add = [&](const char* name, const std::function<Finding()>& judge) {
        checks.push_back(
            {name, needs_signature(checkup) ? signed_finding(checkup, judge) : judge()});
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
        return history ? judge_journal(*history) : failed(history.error(), "dynamodb:Query");
    });
    check_passes(checkup, state, checks);
}

Finding without_credentials() {
    return {Verdict::not_checked, "rests on the credentials, which failed"};
}

Finding signed_finding(const Checkup& checkup, const std::function<Finding()>& judge) {
    return checkup.can_sign ? judge() : without_credentials();
}

void check_token(const Checkup& checkup, Checks& checks) {
    const std::string& name = checkup.options.token_parameter;
    if (name.empty()) {
        checks.push_back({"workers' token",
                          {Verdict::not_checked, "the configuration does not name its parameter",
                           "Name it: --token-parameter /k3s/prod/agent-token"}});
        return;
    }
    checks.push_back({"workers' token", signed_finding(checkup, [&] {
                          const auto at = checkup.asked.account.parameter_changed_at(name);
                          return at ? judge_token(name, *at, checkup.ports.clock.now())
                                    : unread(at.error(), "ssm:DescribeParameters");
                      })});
}

std::vector<Check> check_everything(const Checkup& checkup) {
    Checks checks;
    Checkup able = checkup;
    able.can_sign = check_caller(checkup, checks);
    const auto state = read_signed(able);
    const auto fleet = check_ec2(able, state, checks);
    check_token(able, checks);
    check_state(able, state, checks);
    check_monitoring(able, fleet, checks);
    return checks;
}

}  // namespace nodenap
