#include "sim/faults/faults.hpp"

#include <fmt/format.h>

namespace nodenap::sim {
namespace {

constexpr FaultKind kinds[] = {{"wakeup_twice", &Faults::wakeup_twice, 0.2},
                               {"wakeup_late", &Faults::wakeup_late, 0.2},
                               {"wakeup_lost", &Faults::wakeup_lost, 0.3},
                               {"wakeup_burst", &Faults::wakeup_burst, 0.1},
                               {"wakeups_stop", &Faults::wakeups_stop, 0.02},
                               {"crash", &Faults::crash, 0.05},
                               {"crash_unheard", &Faults::crash_unheard, 0.05},
                               {"pause", &Faults::pause, 0.03},
                               {"clock_wrong", &Faults::clock_wrong, 0.3},
                               {"clock_jump", &Faults::clock_jump, 0.05},
                               {"write_lost", &Faults::write_lost, 0.1},
                               {"write_unheard", &Faults::write_unheard, 0.1},
                               {"write_late", &Faults::write_late, 0.05},
                               {"store_away", &Faults::store_away, 0.1},
                               {"launch_unheard", &Faults::launch_unheard, 0.3},
                               {"launch_late", &Faults::launch_late, 0.2},
                               {"no_capacity", &Faults::no_capacity, 0.3},
                               {"not_sold", &Faults::not_sold, 0.2},
                               {"ec2_throttled", &Faults::ec2_throttled, 0.2},
                               {"ec2_away", &Faults::ec2_away, 0.1},
                               {"listed_late", &Faults::listed_late, 0.5},
                               {"dies_pending", &Faults::dies_pending, 0.2},
                               {"never_boots", &Faults::never_boots, 0.2},
                               {"boots_slowly", &Faults::boots_slowly, 0.3},
                               {"spot_warning", &Faults::spot_warning, 0.1},
                               {"vanishes", &Faults::vanishes, 0.05},
                               {"terminated_by_person", &Faults::terminated_by_person, 0.05},
                               {"terminate_refused", &Faults::terminate_refused, 0.1},
                               {"server_tagged", &Faults::server_tagged, 0.5},
                               {"foreign_instances", &Faults::foreign_instances, 0.5},
                               {"never_joins", &Faults::never_joins, 0.2},
                               {"node_twice", &Faults::node_twice, 0.2},
                               {"node_flaps", &Faults::node_flaps, 0.1},
                               {"node_stays", &Faults::node_stays, 1.0},
                               {"server_notready", &Faults::server_notready, 0.05},
                               {"metrics_away", &Faults::metrics_away, 0.2},
                               {"metrics_stale", &Faults::metrics_stale, 0.1},
                               {"cadvisor_away", &Faults::cadvisor_away, 0.2},
                               {"kube_state_away", &Faults::kube_state_away, 0.2},
                               {"nodes_partial", &Faults::nodes_partial, 0.1},
                               {"cpu_wrong", &Faults::cpu_wrong, 0.1},
                               {"pending_away", &Faults::pending_away, 0.2},
                               {"quota", &Faults::quota, 0.05},
                               {"namespaces_missing", &Faults::namespaces_missing, 0.1},
                               {"names_foreign", &Faults::names_foreign, 0.05},
                               {"rogue_node", &Faults::rogue_node, 0.1},
                               {"forged_notice", &Faults::forged_interruption, 0.2},
                               {"forged_launch", &Faults::forged_launch, 0.05},
                               {"forged_removal", &Faults::forged_removal, 0.05},
                               {"tagged_by_hand", &Faults::tagged_by_hand, 0.5}};

constexpr double free_of_it = 0.4;

}  // namespace

std::span<const FaultKind> fault_kinds() { return kinds; }

Faults draw_faults(Random& random) {
    Faults faults;
    for (const auto& kind : kinds) {
        const bool none = random.chance(free_of_it);
        const double share = random.unit();
        if (!none) faults.*kind.chance = kind.most * share * share;
    }
    return faults;
}

std::string text_of(const Faults& faults) {
    std::string text;
    for (const auto& kind : kinds) {
        const double chance = faults.*kind.chance;
        if (chance <= 0) continue;
        text += fmt::format("{}{} {:.3g}", text.empty() ? "" : ", ", kind.name, chance);
    }
    return text.empty() ? "none" : text;
}

}  // namespace nodenap::sim
