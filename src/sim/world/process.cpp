#include "sim/world/process.hpp"

#include "sim/baseline.hpp"
#include "sim/world/recording_ports.hpp"
#include "sim/world/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

const Error dead{ErrorKind::unavailable, "the process has crashed"};

std::string hex(Random& random) {
    std::string digits;
    for (const auto number : {random.next(), random.next()}) {
        for (unsigned shift = 64; shift > 0; shift -= 4) {
            digits += "0123456789abcdef"[number >> (shift - 4) & 15U];
        }
    }
    return digits;
}

}  // namespace

Process::Process(World& world, int number, Trigger trigger)
    : world_(world),
      trigger_(std::move(trigger)),
      link_(world, number),
      began_(world.timeline.now()) {}

void Process::run() {
    link_.say("starts: " + name_of(trigger_));
    if (auto* wirings = world_.wirings()) {
        invoke(wirings->make(link_, *this, *this)->ports());
    } else {
        invoke({*this, *this, *this, *this, world_.codec, *this});
    }
    ended_at_ = world_.timeline.now();
}

void Process::invoke(const Ports& ports) {
    const Wakeup wakeup{trigger_, longest_invocation, [this] { return hex(link_.random); }};
    RecordingPorts recorder(world_, link_, trigger_, ports);
    if (world_.uses_baseline()) {
        run_baseline(recorder.ports(), world_.settings, wakeup.random);
        if (!link_.is_dead()) world_.pass_ended({}, {});
        return;
    }
    const auto outcome = run_invocation(recorder.ports(), world_.settings, wakeup);
    if (link_.is_dead()) return;
    if (!outcome) link_.say("fails: " + outcome.error().text);
    const bool handled = outcome && recorder.knows_interrupted() && !reported_lost_;
    if (handled) world_.checker.warning_handled(*instance_of(trigger_));
}

void Process::kill(const char* why) {
    if (!ended_at_) link_.kill(why);
}

// --- time --------------------------------------------------------------------------------------

Time Process::now() { return world_.timeline.now() + link_.clock_off(); }

/// For a crashed process all deadlines have passed, so that its loops end.
Milliseconds Process::monotonic() {
    return link_.is_dead() ? 24h : world_.timeline.now() - began_ + Milliseconds{1};
}

void Process::sleep_for(Milliseconds span) {
    if (!link_.is_dead()) world_.timeline.wait(span);
}

std::optional<Error> Process::aws_refusal() const {
    if (!link_.is_signature_refused()) return std::nullopt;
    return Error{ErrorKind::denied, "the clock of this machine is wrong", "RequestExpired"};
}

// --- Prometheus --------------------------------------------------------------------------------

Signals Process::read(Time now, Milliseconds window) {
    link_.sender.had_all_signals = link_.sender.had_nodes = false;
    if (!link_.arrives({5ms, 60ms})) return {};
    const auto observed = world_.monitoring.read(now, window);
    if (!link_.hears({1ms, 5ms})) return {};
    link_.sender.had_all_signals = observed.whole;
    link_.sender.had_nodes = observed.nodes_whole;
    return observed.signals;
}

// --- EC2 ---------------------------------------------------------------------------------------

Result<std::vector<Instance>> Process::list() {
    if (!link_.arrives({40ms, 200ms})) return dead;
    if (auto refused = aws_refusal()) return *refused;
    if (world_.ec2_away) return Error{ErrorKind::unavailable, "no response from EC2"};
    if (link_.random.chance(world_.faults.ec2_throttled)) {
        return Error{ErrorKind::throttled, "too many requests", "RequestLimitExceeded"};
    }
    auto listed = world_.cloud.list();
    if (!link_.hears({1ms, 20ms})) return dead;
    return listed;
}

std::vector<Result<Instance>> Process::launch(const std::vector<Operation>& operations) {
    std::vector<Result<Instance>> answers;
    for (const auto& operation : operations) answers.push_back(launch_one(operation));
    return answers;
}

Result<Instance> Process::launch_one(const Operation& operation) {
    if (!link_.arrives({300ms, 1500ms})) return dead;
    const auto& faults = world_.faults;
    const Error response_lost{ErrorKind::unknown_outcome, "no response from EC2"};
    if (auto refused = aws_refusal()) return *refused;
    if (world_.ec2_away) return response_lost;
    if (link_.random.chance(faults.ec2_throttled)) {
        return Error{ErrorKind::throttled, "too many requests", "RequestLimitExceeded"};
    }
    if (link_.random.chance(faults.launch_late)) {
        link_.say("requests launch " + operation.id + ", which arrives late");
        world_.timeline.after(link_.random.between(1s, 1min),
                              [&world = world_, operation, sender = link_.sender] {
                                  (void)world.launch(sender, operation);
                              });
        return response_lost;
    }
    auto launched = world_.launch(link_.sender, operation);
    const bool lost = link_.random.chance(faults.launch_unheard);
    if (!link_.hears({10ms, 200ms})) return dead;
    if (lost) return response_lost;
    if (!launched) link_.say("launch refused: " + launched.error().text);
    return launched;
}

std::vector<Status> Process::terminate(const std::vector<std::string>& instance_ids) {
    std::vector<Status> answers;
    for (const auto& id : instance_ids) answers.push_back(terminate_one(id));
    return answers;
}

Status Process::terminate_one(const std::string& id) {
    if (!link_.arrives({100ms, 500ms})) return dead;
    if (auto refused = aws_refusal()) return *refused;
    const Error response_lost{ErrorKind::unknown_outcome, "no response from EC2"};
    if (world_.ec2_away) return response_lost;
    link_.say("terminates " + id);
    auto answer = world_.terminate(id);
    const bool lost = link_.random.chance(world_.faults.launch_unheard);
    if (!link_.hears({10ms, 100ms})) return dead;
    if (lost) return response_lost;
    if (!answer) world_.checker.termination_refused(id);
    return answer;
}

// --- DynamoDB ----------------------------------------------------------------------------------

Result<Updated> Process::update(const Key& key, const Change& change, const Condition& condition) {
    if (!link_.arrives({4ms, 20ms})) return dead;
    const auto& faults = world_.faults;
    const Error response_lost{ErrorKind::unknown_outcome, "no response from DynamoDB"};
    if (auto refused = aws_refusal()) return *refused;
    if (world_.store_away) return Error{ErrorKind::unavailable, "no response from DynamoDB"};
    if (link_.random.chance(faults.write_lost)) {
        if (link_.random.chance(0.5)) return Error{ErrorKind::throttled, "too many requests"};
        return response_lost;
    }
    if (link_.random.chance(faults.write_late)) {
        world_.timeline.after(link_.random.between(1s, 10s),
                              [&world = world_, key, change, condition, sender = link_.sender] {
                                  (void)world.write(sender, {key, change, condition});
                              });
        return response_lost;
    }
    auto updated = world_.write(link_.sender, {key, change, condition});
    if (updated) link_.learn_epoch(change, *updated);
    const bool lost = link_.random.chance(faults.write_unheard);
    if (!link_.hears({1ms, 10ms})) return dead;
    if (lost) return response_lost;
    return updated;
}

Result<AttributeMap> Process::get(const Key& key) {
    if (!link_.arrives({4ms, 20ms})) return dead;
    if (auto refused = aws_refusal()) return *refused;
    if (world_.store_away) return Error{ErrorKind::unavailable, "no response from DynamoDB"};
    auto item = world_.table.get(key);
    if (!link_.hears({1ms, 10ms})) return dead;
    return item;
}

Result<std::vector<AttributeMap>> Process::query(const Query& query) {
    if (!link_.arrives({4ms, 20ms})) return dead;
    if (world_.store_away) return Error{ErrorKind::unavailable, "no response from DynamoDB"};
    return world_.table.query(query);
}

// --- the event log -----------------------------------------------------------------------------

void Process::write(const LogEvent& event) {
    if (!link_.is_dead()) link_.say("logs " + event.name);
    if (event.name == "notice_lost") reported_lost_ = true;
}

void Process::pass(const Record& record, bool succeeded) {
    if (link_.is_dead()) return;
    world_.pass_ended(link_.sender, record);
    if (!world_.trace.kept()) return;
    std::string text = record.plan.reasons.empty() ? "" : record.plan.reasons.front().text;
    for (const auto& effect : record.done) {
        text += fmt::format("; {} {}: {}", effect.kind, effect.id, effect.result);
        if (effect.error) text += " (" + *effect.error + ")";
    }
    link_.say((succeeded ? "" : "degraded: ") + text);
}

}  // namespace nodenap::sim
