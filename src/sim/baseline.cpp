#include "sim/baseline.hpp"

#include "controller/memory.hpp"
#include "decide/membership.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

class Baseline {
public:
    Baseline(const Ports& ports, const Settings& settings,
             const std::function<std::string()>& random)
        : ports_(ports), settings_(settings), random_(random) {}

    bool run() {
        if (!take_lock()) return false;
        const bool acted = !cools_down() && scale();
        let_lock_go(acted);
        return acted;
    }

private:
    /// PutItem with `attribute_not_exists OR scaling_in_progress = false`; the lock never expires.
    bool take_lock() {
        Change change;
        change.set = {{{"scaling_in_progress"}, {true}}};
        const Condition free{{{{"scaling_in_progress", Test::absent}},
                              {{"scaling_in_progress", Test::equals, {false}}}}};
        const auto taken = ports_.store.update(state_key(settings_.cluster), change, free);
        if (!taken || taken->refused) return false;
        item_ = taken->item;
        return true;
    }

    void let_lock_go(bool acted) {
        Change change;
        change.set = {{{"scaling_in_progress"}, {false}}};
        if (acted) {
            const auto now = ports_.clock.now().time_since_epoch().count();
            change.set.push_back({{"last_scale_time"}, {std::int64_t{now}}});
        }
        (void)ports_.store.update(state_key(settings_.cluster), change, {});
    }

    bool cools_down() const {
        const auto found = item_.find("last_scale_time");
        if (found == item_.end()) return false;
        const auto* at = std::get_if<std::int64_t>(&found->second.value);
        return at != nullptr && ports_.clock.now() - Time{Milliseconds{*at}} < 5min;
    }

    bool scale() {
        const auto signals = ports_.metrics.read(ports_.clock.now(), 5min);
        const double cpu = signals.cpu.known() ? signals.cpu.value().percent : 0;
        const auto pending = signals.pending.known() ? signals.pending.value().count : 0;
        auto fleet = ports_.fleet.list();
        if (!fleet) return false;
        std::erase_if(*fleet, [](const Instance& each) { return !runs(each); });
        const auto nodes = static_cast<int>(fleet->size());
        const auto& limits = settings_.policy.limits;
        const bool wants_more = pending > 0 || cpu > 70 || nodes < limits.min_nodes;
        if (wants_more && nodes < limits.max_nodes) return launch();
        if (cpu < 30 && pending == 0 && nodes > limits.min_nodes) return terminate(*fleet);
        return false;
    }

    bool launch() {
        const auto& pool = settings_.policy.pools.front();
        Operation request;
        request.id = random_();
        request.since = ports_.clock.now();
        request.offering = {pool.name, pool.instance_types.front(), pool.subnets.front().zone,
                            Capacity::on_demand};
        request.subnet = pool.subnets.front().id;
        request.launch_template = pool.launch_template;
        request.launch_template_version = pool.launch_template_version;
        return bool(ports_.fleet.launch({request}).front());
    }

    bool terminate(const std::vector<Instance>& fleet) {
        const auto oldest = std::min_element(
            fleet.begin(), fleet.end(),
            [](const Instance& a, const Instance& b) { return a.launched_at < b.launched_at; });
        return bool(ports_.fleet.terminate({oldest->id}).front());
    }

    const Ports& ports_;
    const Settings& settings_;
    const std::function<std::string()>& random_;
    AttributeMap item_;
};

}  // namespace

bool run_baseline(const Ports& ports, const Settings& settings,
                  const std::function<std::string()>& random) {
    return Baseline(ports, settings, random).run();
}

}  // namespace nodenap::sim
