#pragma once

// A small cluster behind fake ports, as the handler's and the commands' tests need it.

#include "calm_cluster.hpp"
#include "controller/memory.hpp"
#include "doctor/preflight_fakes.hpp"

#include <string>

namespace nodenap::test {

/// Two workers at 50 % CPU and no pod that waits: nothing is to be done.
struct CalmWorld : FakeWorld {
    CalmWorld() {
        fleet.instances = {worker("i-0aaa"), worker("i-0bbb")};
        Use use{50, {{"i-0aaa", 0.5, 1}, {"i-0bbb", 0.5, 1}}};
        metrics.signals.cpu = use;
        metrics.signals.memory = use;
        metrics.signals.pending = Pending{};
        metrics.signals.nodes = std::vector<Node>{ready_node("i-0aaa"), ready_node("i-0bbb")};
    }

    Settings settings = calm_settings();
    FakeCheckup preflight;
};

inline std::function<std::string()> counting_random() {
    return [count = 0]() mutable {
        std::string digits = std::to_string(++count);
        return std::string(32 - digits.size(), '0') + digits;
    };
}

}  // namespace nodenap::test
