#include "decide/worker_view.hpp"

#include "decide/load.hpp"
#include "decide/removal.hpp"
#include "decide/saving.hpp"

#include <array>

namespace nodenap {
namespace {

using Percents = std::optional<Loads>;

std::optional<double> percent_of(const Percents& loads, const Member& member) {
    const auto* use = loads ? loads->use_of(member) : nullptr;
    if (use == nullptr || use->size <= 0) return std::nullopt;
    return 100 * use->busy / use->size;
}

WorkerRow row_of(const Member& member, const Snapshot& snapshot, const Policy& policy) {
    WorkerRow row;
    row.instance_id = member.instance->id;
    row.offering = member.instance->offering;
    row.stage = member.stage;
    row.age = snapshot.now - member.instance->launched_at;
    row.price_per_hour_usd = price_per_hour_usd(policy, member);
    if (member.node == nullptr) return row;
    row.node = member.node->name;
    row.requested = member.node->requested;
    row.allocatable = member.node->allocatable;
    return row;
}

}  // namespace

std::string_view word(Stage stage) {
    constexpr std::array<std::string_view, 6> words{"booting",        "ready",       "not_ready",
                                                    "not_registered", "terminating", "terminated"};
    return words.at(static_cast<std::size_t>(stage));
}

std::vector<WorkerRow> worker_rows(const Snapshot& snapshot, const Policy& policy) {
    const auto members = membership(snapshot, policy);
    const auto blockers = removal_blockers(members, snapshot, policy);
    const auto& signals = snapshot.signals;
    Percents cpu;
    Percents memory;
    if (signals.cpu.known()) cpu.emplace(Loads::of_cpu(members, signals.cpu.value()));
    if (signals.memory.known()) memory.emplace(Loads::of_memory(members, signals.memory.value()));
    std::vector<WorkerRow> rows;
    for (const auto& member : members.members) {
        if (member.stage == Stage::terminated) continue;
        auto row = row_of(member, snapshot, policy);
        row.cpu_percent = percent_of(cpu, member);
        row.memory_percent = percent_of(memory, member);
        const auto blocker = blockers.find(row.instance_id);
        if (blocker != blockers.end()) row.blocker = blocker->second.text;
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace nodenap
