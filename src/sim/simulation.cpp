#include "sim/simulation.hpp"

#include "sim/faults/fault_injector.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds watched_every = 5s;
constexpr Milliseconds looked_up_every = 10min;  // whether the run is to stop

class Simulation {
public:
    Simulation(const Scenario& scenario, std::uint64_t seed, const Keep& keep,
               const MakeWirings& make_wirings)
        : scenario_(scenario),
          keep_(keep),
          world_(scenario.settings, seed, keep.trace, make_wirings) {
        result_.seed = seed;
        result_.wired = world_.wirings() != nullptr;
        result_.faults = scenario.faults;
    }

    RunResult run() {
        begin();
        const auto end = world_begins + scenario_.length;
        while (world_.timeline.now() < end && !is_stopped()) {
            world_.timeline.run_until(std::min(end, world_.timeline.now() + looked_up_every));
        }
        if (scenario_.calm > 0ms && !is_stopped()) stop_faults();
        result_.stopped = is_stopped();
        return finish();
    }

private:
    bool is_stopped() const { return keep_.stop != nullptr && *keep_.stop; }

    void begin() {
        if (scenario_.rules == Rules::baseline) world_.use_baseline();
        world_.set_faults(scenario_.faults);
        injector_.begin();
        for (const auto& step : scenario_.steps) {
            world_.timeline.at(world_begins + step.at, [this, &deployment = step.deployment] {
                world_.cluster.set(deployment);
            });
        }
        wake_next();
        // The baseline is not triggered by alerts.
        if (scenario_.alert_after > 0ms && scenario_.rules == Rules::nodenap) trigger_alerts();
        if (keep_.samples) {
            world_.keep_decisions();
            sample_next();
        }
    }

    void wake_next() {
        injector_.wake();
        world_.timeline.after(scenario_.wake_every, [this] { wake_next(); });
    }

    /// One alert each time pods become pending, as Alertmanager sends one per group.
    void trigger_alerts() {
        const auto& pods = world_.cluster.pods();
        const bool wait = std::any_of(pods.begin(), pods.end(), [](const Pod& pod) {
            return pod.unschedulable_since.has_value();
        });
        const auto now = world_.timeline.now();
        if (!wait) {
            waiting_since_.reset();
        } else if (!waiting_since_) {
            waiting_since_ = now;
            world_.timeline.after(scenario_.alert_after, [this, now] {
                if (waiting_since_ == now) injector_.alert();
            });
        }
        world_.timeline.after(watched_every, [this] { trigger_alerts(); });
    }

    void stop_faults() {
        injector_.clear_up();
        const auto since = world_.timeline.now();
        world_.timeline.run_until(since + scenario_.calm);
        while (world_.has_work()) world_.timeline.run_until(world_.timeline.now() + 1s);
        world_.checker.in_steady_state(since);
    }

    void sample_next() {
        Sample sample;
        sample.at = world_.timeline.now();
        for (const auto& machine : world_.cloud.machines()) {
            if (!machine.ours || !machine.runs()) continue;
            ++sample.alive;
            ++sample.types[machine.instance.offering.instance_type];
            const auto& policy = scenario_.settings.policy;
            const auto* type = find_type(policy, machine.instance.offering.instance_type);
            if (type != nullptr)
                sample.price_per_hour_usd += node_price_per_hour_usd(policy, *type);
        }
        for (const auto& node : world_.cluster.nodes()) {
            if (node.node.ready && !node.node.server) ++sample.ready;
        }
        for (const auto& pod : world_.cluster.pods()) {
            if (pod.daemon) continue;
            ++(pod.node.empty() ? sample.waiting_pods : sample.running_pods);
            if (pod.node.empty()) waits_[pod.name] += sampled_every;
        }
        sample.cpu_percent = world_.checker.last_record().plan.signals.cpu_percent;
        add(sample);
        world_.timeline.after(sampled_every, [this] { sample_next(); });
    }

    void add(const Sample& sample) {
        const double hours = std::chrono::duration<double, std::ratio<3600>>(sampled_every).count();
        result_.node_hours += sample.alive * hours;
        result_.dollars += sample.price_per_hour_usd * hours;
        result_.pending_pod_seconds += sample.waiting_pods * hours * 3600;
        result_.samples.push_back(sample);
    }

    void add_waits() {
        std::vector<double> seconds;
        for (const auto& [pod, wait] : waits_) {
            seconds.push_back(std::chrono::duration<double>(wait).count());
        }
        if (seconds.empty()) return;
        std::ranges::sort(seconds);
        result_.waited_pods = std::ssize(seconds);
        result_.median_wait_seconds = seconds[seconds.size() / 2];
        result_.longest_wait_seconds = seconds.back();
    }

    RunResult finish() {
        result_.passes = world_.passes();
        result_.fingerprint = world_.fingerprint.value();
        for (const auto& machine : world_.cloud.machines()) {
            if (machine.warned_at) {
                result_.interruptions.push_back({*machine.warned_at, machine.instance.id,
                                                 machine.instance.offering.instance_type});
            }
            if (machine.request.id.empty()) continue;
            ++result_.launches;
            if (machine.being_removed) ++result_.removals;
        }
        result_.ended_at = world_.timeline.now();
        add_waits();
        result_.breaches = world_.checker.breaches();
        result_.trace = world_.trace.lines();
        result_.decisions = std::move(world_.decisions);
        return std::move(result_);
    }

    const Scenario& scenario_;
    Keep keep_;
    World world_;
    FaultInjector injector_{world_, scenario_.faults};
    std::optional<Time> waiting_since_;
    std::map<std::string, Milliseconds> waits_;  // of pods that waited in a sample
    RunResult result_;
};

}  // namespace

RunResult simulate(const Scenario& scenario, std::uint64_t seed, const Keep& keep,
                   const MakeWirings& make_wirings) {
    return Simulation(scenario, seed, keep, make_wirings).run();
}

}  // namespace nodenap::sim
