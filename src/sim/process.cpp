#include "sim/process.hpp"

#include "sim/article.hpp"
#include "sim/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

/// AWS refuses what was signed by a clock that is wrong by more than this.
constexpr Milliseconds signatures_last = 5min;

const Error dead{ErrorKind::unavailable, "the process is dead"};

std::string hex(Random& random) {
    return fmt::format("{:016x}{:016x}", random.next(), random.next());
}

}  // namespace

Process::Process(World& world, int number, Trigger trigger)
    : world_(world),
      number_(number),
      trigger_(std::move(trigger)),
      random_(world.seed(), fmt::format("process {}", number)),
      began_(world.timeline.now()) {
    const auto& faults = world_.faults;
    if (random_.chance(faults.clock_wrong)) wrong_by_ = random_.between(-most_off, most_off);
    if (random_.chance(faults.clock_jump)) {
        jump_ = random_.between(-most_jump, most_jump);
        jumps_at_ = began_ + random_.between(0s, longest_invocation);
    }
}

void Process::run() {
    const Ports ports{*this, *this, *this, *this, world_.codec, *this};
    say("wakes: " + name_of(trigger_));
    const Wakeup wakeup{trigger_, longest_invocation, [this] { return hex(random_); }};
    if (world_.uses_article()) {
        run_article(ports, world_.settings, wakeup.random);
        if (!dead_) world_.pass_ended({}, {});
    } else {
        const auto outcome = run_invocation(ports, world_.settings, wakeup);
        if (!dead_ && !outcome) say("fails: " + outcome.error().text);
        const bool handled = !dead_ && outcome && knows_it_ && !said_lost_;
        if (handled) world_.checker.warning_handled(*instance_of(trigger_));
    }
    ended_ = true;
}

void Process::kill(const char* why) {
    if (dead_ || ended_) return;
    dead_ = true;
    say(why);
}

void Process::say(const std::string& text) {
    if (!world_.trace.kept()) return;
    world_.trace.add(world_.timeline.now(), fmt::format("pass {}", number_).c_str(), text);
}

// --- time --------------------------------------------------------------------------------------

Milliseconds Process::clock_off() const {
    const bool jumped = jump_.count() != 0 && world_.timeline.now() >= jumps_at_;
    return wrong_by_ + (jumped ? jump_ : 0ms);
}

Time Process::now() { return world_.timeline.now() + clock_off(); }

/// For a dead process all time is over, so that its loops end.
Milliseconds Process::monotonic() {
    return dead_ ? 24h : world_.timeline.now() - began_ + Milliseconds{1};
}

void Process::sleep_for(Milliseconds span) {
    if (!dead_) world_.timeline.wait(span);
}

// --- the way of every call ---------------------------------------------------------------------

bool Process::arrives(Span takes) {
    if (dead_) return false;
    const auto& faults = world_.faults;
    if (random_.chance(faults.crash)) kill("dies before a call");
    if (!dead_ && random_.chance(faults.pause)) {
        const auto asleep = random_.between(1s, 10min);
        say(fmt::format("is paused for {} s", asleep / 1s));
        world_.timeline.wait(asleep);
    }
    if (!dead_) world_.timeline.wait(random_.between(takes.least, takes.most));
    return !dead_;
}

bool Process::hears(Span takes) {
    world_.timeline.wait(random_.between(takes.least, takes.most));
    if (!dead_ && random_.chance(world_.faults.crash_unheard)) kill("dies after a call");
    return !dead_;
}

std::optional<Error> Process::aws_refusal() const {
    if (std::chrono::abs(clock_off()) < signatures_last) return std::nullopt;
    return Error{ErrorKind::denied, "our clock is wrong", "RequestExpired"};
}

// --- Prometheus --------------------------------------------------------------------------------

Signals Process::read(Time now, Milliseconds window) {
    sender_.saw_all = sender_.saw_nodes = false;
    if (!arrives({5ms, 60ms})) return {};
    const auto sight = world_.monitoring.read(now, window);
    if (!hears({1ms, 5ms})) return {};
    sender_.saw_all = sight.whole;
    sender_.saw_nodes = sight.nodes_whole;
    sender_.told = std::make_shared<const Signals>(sight.signals);
    return sight.signals;
}

// --- EC2 ---------------------------------------------------------------------------------------

Result<std::vector<Instance>> Process::list() {
    sender_.saw_fleet = false;
    if (!arrives({40ms, 200ms})) return dead;
    if (auto refused = aws_refusal()) return *refused;
    if (world_.ec2_away) return Error{ErrorKind::unavailable, "EC2 does not answer"};
    if (random_.chance(world_.faults.ec2_throttled)) {
        return Error{ErrorKind::throttled, "too many requests", "RequestLimitExceeded"};
    }
    auto listed = world_.cloud.list();
    if (!hears({1ms, 20ms})) return dead;
    sender_.saw_fleet = true;
    return listed;
}

std::vector<Result<Instance>> Process::launch(const std::vector<Intent>& intents) {
    if (!dead_) world_.checker.acting(sender_);
    std::vector<Result<Instance>> answers;
    for (const auto& intent : intents) answers.push_back(launch_one(intent));
    return answers;
}

Result<Instance> Process::launch_one(const Intent& intent) {
    if (!arrives({300ms, 1500ms})) return dead;
    const auto& faults = world_.faults;
    const Error unheard{ErrorKind::unknown_outcome, "no answer from EC2"};
    if (auto refused = aws_refusal()) return *refused;
    if (world_.ec2_away) return unheard;
    if (random_.chance(faults.ec2_throttled)) {
        return Error{ErrorKind::throttled, "too many requests", "RequestLimitExceeded"};
    }
    if (random_.chance(faults.launch_late)) {
        say("asks for " + intent.id + ", which arrives late");
        world_.timeline.after(
            random_.between(1s, 1min),
            [&world = world_, intent, sender = sender_] { (void)world.launch(sender, intent); });
        return unheard;
    }
    auto launched = world_.launch(sender_, intent);
    const bool lost = random_.chance(faults.launch_unheard);
    if (!hears({10ms, 200ms})) return dead;
    if (lost) return unheard;
    if (!launched) {
        say("is refused: " + launched.error().text);
        if (launched.error().kind == ErrorKind::no_capacity)
            world_.checker.offer_refused(sender_, intent.offer);
    }
    return launched;
}

std::vector<Status> Process::terminate(const std::vector<std::string>& instance_ids) {
    if (!dead_) world_.checker.acting(sender_);
    std::vector<Status> answers;
    for (const auto& id : instance_ids) answers.push_back(terminate_one(id));
    return answers;
}

Status Process::terminate_one(const std::string& id) {
    if (!arrives({100ms, 500ms})) return dead;
    if (auto refused = aws_refusal()) return *refused;
    const Error unheard{ErrorKind::unknown_outcome, "no answer from EC2"};
    if (world_.ec2_away) return unheard;
    say("terminates " + id);
    auto answer = world_.terminate(id);
    const bool lost = random_.chance(world_.faults.launch_unheard);
    if (!hears({10ms, 100ms})) return dead;
    if (lost) return unheard;
    if (!answer) world_.checker.termination_refused(id);
    return answer;
}

// --- DynamoDB ----------------------------------------------------------------------------------

Result<Updated> Process::update(const Key& key, const Change& change, const Condition& condition) {
    note_asking(change);
    if (!arrives({4ms, 20ms})) return dead;
    const auto& faults = world_.faults;
    const Error unheard{ErrorKind::unknown_outcome, "no answer from DynamoDB"};
    if (auto refused = aws_refusal()) return *refused;
    if (world_.store_away) return Error{ErrorKind::unavailable, "DynamoDB does not answer"};
    if (random_.chance(faults.write_lost)) {
        if (random_.chance(0.5)) return Error{ErrorKind::throttled, "too many requests"};
        return unheard;
    }
    if (random_.chance(faults.write_late)) {
        world_.timeline.after(random_.between(1s, 10s),
                              [&world = world_, key, change, condition, sender = sender_] {
                                  (void)world.write(sender, {key, change, condition});
                              });
        return unheard;
    }
    auto updated = world_.write(sender_, {key, change, condition});
    if (updated) learn_epoch(change, *updated);
    const bool lost = random_.chance(faults.write_unheard);
    if (!hears({1ms, 10ms})) return dead;
    if (lost) return unheard;
    return updated;
}

/// An acquire is told by the epoch that it adds to, and its repetition by the same owner.
void Process::note_asking(const Change& change) {
    ++sender_.sent;
    sender_.acquires = !change.add.empty();
    if (!sender_.acquires) return;
    const auto value_of = [&](const char* name) -> const Attribute* {
        const auto found = std::find_if(change.set.begin(), change.set.end(), [&](const auto& set) {
            return set.first.attribute == name;
        });
        return found == change.set.end() ? nullptr : &found->second;
    };
    const auto* owner = value_of("lease_owner");
    const auto* until = value_of("lease_until");
    if (owner == nullptr || until == nullptr) return;
    const auto& name = std::get<std::string>(owner->value);
    if (std::exchange(asks_as_, name) == name) return;
    sender_.asked_at = world_.timeline.now();
    sender_.now = now();
    const Time ends{Milliseconds{std::get<std::int64_t>(until->value)}};
    sender_.lease_ends = sender_.asked_at + (ends - sender_.now);
}

/// Whose acquire it was is told by the item, also where its answer is lost or it is refused.
void Process::learn_epoch(const Change& change, const Updated& updated) {
    if (change.add.empty()) return;
    const auto owner = updated.item.find("lease_owner");
    if (owner == updated.item.end()) return;
    for (const auto& [path, value] : change.set) {
        if (path.attribute != "lease_owner" || value != owner->second) continue;
        sender_.epoch = world_.table.epoch();
        sender_.saw_all = sender_.saw_nodes = false;
        sender_.told.reset();
    }
}

Result<AttributeMap> Process::get(const Key& key) {
    if (!arrives({4ms, 20ms})) return dead;
    if (auto refused = aws_refusal()) return *refused;
    if (world_.store_away) return Error{ErrorKind::unavailable, "DynamoDB does not answer"};
    auto item = world_.table.get(key);
    const auto* id = instance_of(trigger_);
    knows_it_ = id != nullptr && state_from(item, world_.codec).memory.instances.contains(*id);
    if (!hears({1ms, 10ms})) return dead;
    return item;
}

Result<std::vector<AttributeMap>> Process::query(const Query& query) {
    if (!arrives({4ms, 20ms})) return dead;
    if (world_.store_away) return Error{ErrorKind::unavailable, "DynamoDB does not answer"};
    return world_.table.query(query);
}

// --- the event log -----------------------------------------------------------------------------

void Process::write(const LogEvent& event) {
    if (!dead_) say("notes " + event.name);
    if (event.name == "notice_lost") said_lost_ = true;
}

void Process::pass(const Record& record, bool succeeded) {
    if (dead_) return;
    world_.pass_ended(sender_, record);
    if (!world_.trace.kept()) return;
    std::string text = record.plan.reasons.empty() ? "" : record.plan.reasons.front().text;
    for (const auto& effect : record.done) {
        text += fmt::format("; {} {}: {}", effect.kind, effect.id, effect.result);
        if (effect.error) text += " (" + *effect.error + ")";
    }
    say((succeeded ? "" : "with failures: ") + text);
}

}  // namespace nodenap::sim
