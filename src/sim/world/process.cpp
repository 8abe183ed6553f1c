#include "sim/world/process.hpp"

#include "sim/article.hpp"
#include "sim/world/witness.hpp"
#include "sim/world/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

const Error dead{ErrorKind::unavailable, "the process is dead"};

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
      way_(world, number),
      began_(world.timeline.now()) {}

void Process::run() {
    way_.say("wakes: " + name_of(trigger_));
    if (auto* wirings = world_.wirings()) {
        invoke(wirings->make(way_, *this, *this)->ports());
    } else {
        invoke({*this, *this, *this, *this, world_.codec, *this});
    }
    ended_at_ = world_.timeline.now();
}

void Process::invoke(const Ports& ports) {
    const Wakeup wakeup{trigger_, longest_invocation, [this] { return hex(way_.random); }};
    Witness witness(world_, way_, trigger_, ports);
    if (world_.uses_article()) {
        run_article(witness.ports(), world_.settings, wakeup.random);
        if (!way_.is_dead()) world_.pass_ended({}, {});
        return;
    }
    const auto outcome = run_invocation(witness.ports(), world_.settings, wakeup);
    if (way_.is_dead()) return;
    if (!outcome) way_.say("fails: " + outcome.error().text);
    const bool handled = outcome && witness.knows_the_warned() && !said_lost_;
    if (handled) world_.checker.warning_handled(*instance_of(trigger_));
}

void Process::kill(const char* why) {
    if (!ended_at_) way_.kill(why);
}

// --- time --------------------------------------------------------------------------------------

Time Process::now() { return world_.timeline.now() + way_.clock_off(); }

/// For a dead process all time is over, so that its loops end.
Milliseconds Process::monotonic() {
    return way_.is_dead() ? 24h : world_.timeline.now() - began_ + Milliseconds{1};
}

void Process::sleep_for(Milliseconds span) {
    if (!way_.is_dead()) world_.timeline.wait(span);
}

std::optional<Error> Process::aws_refusal() const {
    if (!way_.is_signature_refused()) return std::nullopt;
    return Error{ErrorKind::denied, "our clock is wrong", "RequestExpired"};
}

// --- Prometheus --------------------------------------------------------------------------------

Signals Process::read(Time now, Milliseconds window) {
    way_.sender.saw_all = way_.sender.saw_nodes = false;
    if (!way_.arrives({5ms, 60ms})) return {};
    const auto sight = world_.monitoring.read(now, window);
    if (!way_.hears({1ms, 5ms})) return {};
    way_.sender.saw_all = sight.whole;
    way_.sender.saw_nodes = sight.nodes_whole;
    return sight.signals;
}

// --- EC2 ---------------------------------------------------------------------------------------

Result<std::vector<Instance>> Process::list() {
    if (!way_.arrives({40ms, 200ms})) return dead;
    if (auto refused = aws_refusal()) return *refused;
    if (world_.ec2_away) return Error{ErrorKind::unavailable, "EC2 does not answer"};
    if (way_.random.chance(world_.faults.ec2_throttled)) {
        return Error{ErrorKind::throttled, "too many requests", "RequestLimitExceeded"};
    }
    auto listed = world_.cloud.list();
    if (!way_.hears({1ms, 20ms})) return dead;
    return listed;
}

std::vector<Result<Instance>> Process::launch(const std::vector<Intent>& intents) {
    std::vector<Result<Instance>> answers;
    for (const auto& intent : intents) answers.push_back(launch_one(intent));
    return answers;
}

Result<Instance> Process::launch_one(const Intent& intent) {
    if (!way_.arrives({300ms, 1500ms})) return dead;
    const auto& faults = world_.faults;
    const Error unheard{ErrorKind::unknown_outcome, "no answer from EC2"};
    if (auto refused = aws_refusal()) return *refused;
    if (world_.ec2_away) return unheard;
    if (way_.random.chance(faults.ec2_throttled)) {
        return Error{ErrorKind::throttled, "too many requests", "RequestLimitExceeded"};
    }
    if (way_.random.chance(faults.launch_late)) {
        way_.say("asks for " + intent.id + ", which arrives late");
        world_.timeline.after(way_.random.between(1s, 1min),
                              [&world = world_, intent, sender = way_.sender] {
                                  (void)world.launch(sender, intent);
                              });
        return unheard;
    }
    auto launched = world_.launch(way_.sender, intent);
    const bool lost = way_.random.chance(faults.launch_unheard);
    if (!way_.hears({10ms, 200ms})) return dead;
    if (lost) return unheard;
    if (!launched) way_.say("is refused: " + launched.error().text);
    return launched;
}

std::vector<Status> Process::terminate(const std::vector<std::string>& instance_ids) {
    std::vector<Status> answers;
    for (const auto& id : instance_ids) answers.push_back(terminate_one(id));
    return answers;
}

Status Process::terminate_one(const std::string& id) {
    if (!way_.arrives({100ms, 500ms})) return dead;
    if (auto refused = aws_refusal()) return *refused;
    const Error unheard{ErrorKind::unknown_outcome, "no answer from EC2"};
    if (world_.ec2_away) return unheard;
    way_.say("terminates " + id);
    auto answer = world_.terminate(id);
    const bool lost = way_.random.chance(world_.faults.launch_unheard);
    if (!way_.hears({10ms, 100ms})) return dead;
    if (lost) return unheard;
    if (!answer) world_.checker.termination_refused(id);
    return answer;
}

// --- DynamoDB ----------------------------------------------------------------------------------

Result<Updated> Process::update(const Key& key, const Change& change, const Condition& condition) {
    if (!way_.arrives({4ms, 20ms})) return dead;
    const auto& faults = world_.faults;
    const Error unheard{ErrorKind::unknown_outcome, "no answer from DynamoDB"};
    if (auto refused = aws_refusal()) return *refused;
    if (world_.store_away) return Error{ErrorKind::unavailable, "DynamoDB does not answer"};
    if (way_.random.chance(faults.write_lost)) {
        if (way_.random.chance(0.5)) return Error{ErrorKind::throttled, "too many requests"};
        return unheard;
    }
    if (way_.random.chance(faults.write_late)) {
        world_.timeline.after(way_.random.between(1s, 10s),
                              [&world = world_, key, change, condition, sender = way_.sender] {
                                  (void)world.write(sender, {key, change, condition});
                              });
        return unheard;
    }
    auto updated = world_.write(way_.sender, {key, change, condition});
    if (updated) way_.learn_epoch(change, *updated);
    const bool lost = way_.random.chance(faults.write_unheard);
    if (!way_.hears({1ms, 10ms})) return dead;
    if (lost) return unheard;
    return updated;
}

Result<AttributeMap> Process::get(const Key& key) {
    if (!way_.arrives({4ms, 20ms})) return dead;
    if (auto refused = aws_refusal()) return *refused;
    if (world_.store_away) return Error{ErrorKind::unavailable, "DynamoDB does not answer"};
    auto item = world_.table.get(key);
    if (!way_.hears({1ms, 10ms})) return dead;
    return item;
}

Result<std::vector<AttributeMap>> Process::query(const Query& query) {
    if (!way_.arrives({4ms, 20ms})) return dead;
    if (world_.store_away) return Error{ErrorKind::unavailable, "DynamoDB does not answer"};
    return world_.table.query(query);
}

// --- the event log -----------------------------------------------------------------------------

void Process::write(const LogEvent& event) {
    if (!way_.is_dead()) way_.say("notes " + event.name);
    if (event.name == "notice_lost") said_lost_ = true;
}

void Process::pass(const Record& record, bool succeeded) {
    if (way_.is_dead()) return;
    world_.pass_ended(way_.sender, record);
    if (!world_.trace.kept()) return;
    std::string text = record.plan.reasons.empty() ? "" : record.plan.reasons.front().text;
    for (const auto& effect : record.done) {
        text += fmt::format("; {} {}: {}", effect.kind, effect.id, effect.result);
        if (effect.error) text += " (" + *effect.error + ")";
    }
    way_.say((succeeded ? "" : "with failures: ") + text);
}

}  // namespace nodenap::sim
