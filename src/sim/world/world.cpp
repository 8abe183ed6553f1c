#include "sim/world/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds node_removed_after = 1min;
/// Other processes run on a machine that may be suspended, and have no time limit.
constexpr double lambda_share = 0.7;
/// Delayed calls and Lambda's timeout refer to it for minutes.
constexpr Milliseconds processes_kept_for = 1h;

}  // namespace

World::World(Settings wanted, std::uint64_t seed, bool traced, const MakeWirings& make_wirings)
    : wirings_(make_wirings ? make_wirings(*this) : nullptr),
      settings(std::move(wanted)),
      timeline(world_begins),
      trace(traced),
      chance(seed, "world"),
      cloud(timeline, trace, seed),
      cluster(timeline, trace, settings.policy),
      monitoring(timeline, cluster, settings.metrics.max_age),
      codec(wirings_ ? wirings_->codec() : kept_),
      checker({timeline, cloud, cluster, table, codec, settings}),
      seed_(seed) {
    cloud.listen({[this](Machine& machine) { kubelet_begins(machine); },
                  [this](Machine& machine, bool gracefully) { machine_ended(machine, gracefully); },
                  [this](Machine& machine) { interrupt(machine); }});
}

/// No process may be left in the middle of a call, since its values would never be destroyed.
World::~World() {
    set_faults({});
    for (const auto& process : processes_) process->kill("is stopped with its world");
    timeline.run_out();
}

Result<Updated> World::write(const Sender& sender, const TableWrite& write) {
    auto updated = table.update(write.key, write.change, write.condition);
    fingerprint.add_write(write.key, write.change, !updated || updated->refused);
    if (updated && !updated->refused && write.key.record == state_record) {
        checker.state_written(sender, write.change);
        const bool saves =
            std::any_of(write.change.set.begin(), write.change.set.end(),
                        [](const auto& set) { return set.first.attribute == "memory"; });
        if (saves) checker.memory_saved(sender);
    }
    return updated;
}

Result<Instance> World::launch(const Sender& sender, const Operation& operation) {
    checker.launching(operation);
    const bool is_new = cloud.launched_by(operation.id) == nullptr;
    auto launched = cloud.run(operation);
    fingerprint.add_launch(operation, launched);
    if (launched && is_new) {
        auto& machine = *cloud.find(launched->id);
        checker.launched(sender, machine);
        if (const auto callback = on_launch) callback(machine);
    }
    return launched;
}

Status World::terminate(const std::string& id) {
    checker.terminating(id);
    auto answer = cloud.terminate(id);
    fingerprint.add_termination(id, answer);
    return answer;
}

void World::pass_ended(const Sender& sender, const Record& record) {
    ++passes_;
    const auto code = [](const Record& each) {
        const auto& reasons = each.plan.reasons;
        return reasons.empty() ? ReasonCode::nothing_to_do : reasons.front().code;
    };
    const bool tells =
        !record.done.empty() || passes_ == 1 || code(record) != code(checker.last_record());
    if (keeps_decisions_ && tells) decisions.push_back(record);
    fingerprint.add_record(record);
    checker.passed(sender, record);
}

void World::wake(const Trigger& trigger) {
    forget_processes();
    auto made = std::make_unique<Process>(*this, ++woken_, trigger);
    auto* process = made.get();
    processes_.push_back(std::move(made));
    if (chance.chance(lambda_share)) {
        timeline.after(longest_invocation,
                       [process] { process->kill("is stopped by Lambda's timeout"); });
    }
    timeline.start([process] { process->run(); });
}

void World::forget_processes() {
    const auto is_over = [&](const Process& process) {
        const auto ended_at = process.ended_at();
        return ended_at && timeline.now() - *ended_at > processes_kept_for;
    };
    while (!processes_.empty() && is_over(*processes_.front())) processes_.pop_front();
}

void World::interrupt(Machine& machine) {
    const SpotWarning warning{machine.instance.id, ""};
    timeline.after(chance.between(1s, 10s), [this, warning] { wake(warning); });
}

void World::set_faults(const Faults& wanted) {
    faults = wanted;
    cloud.set_faults(wanted);
    if (wanted.clock_jump > 0) {
        checker.allow_clocks(NetworkLink::most_jump);
    } else if (wanted.clock_wrong > 0) {
        checker.allow_clocks(NetworkLink::most_off);
    }
}

void World::kubelet_begins(Machine& machine) {
    machine.never_joins = chance.chance(faults.never_joins);
    if (machine.never_joins) return;
    if (chance.chance(faults.node_twice)) cluster.add_stale_twin(machine.instance);
    cluster.join(machine.instance, chance.between(4s, 12s), [&machine] { machine.joined = true; });
}

void World::machine_ended(Machine& machine, bool gracefully) {
    const auto id = machine.instance.id;
    cluster.lose(id, gracefully);
    if (chance.chance(faults.node_stays)) return;
    timeline.after(node_removed_after + chance.between(0s, 5min),
                   [this, id] { cluster.remove_node(id); });
}

}  // namespace nodenap::sim
