#include "doctor/preflight.hpp"

#include "controller/memory.hpp"
#include "decide/explain.hpp"

namespace nodenap {
namespace {

constexpr std::string_view mend_metrics =
    "docs/install.md, \"Metric families\", lists what Prometheus must scrape.";

template <class T>
CheckResult judge_signal(const Reading<T>& reading, const std::string& seen) {
    if (reading.known()) return {CheckStatus::ok, seen};
    return {CheckStatus::failed, reading.cause(), std::string(mend_metrics)};
}

std::string percent(const Reading<Use>& use) {
    return use.known() ? number_text(use.value().percent) + "%" : "";
}

std::string count_of(const Reading<Pending>& pending) {
    return pending.known() ? counted(pending.value().count, "pod") + " unschedulable" : "";
}

std::string count_of(const Reading<std::vector<Node>>& nodes) {
    if (!nodes.known()) return "";
    return counted(static_cast<std::int64_t>(nodes.value().size()), "node");
}

/// Memory is asked for, but without a line of its own nothing rests on it.
CheckResult judge_memory(const Signals& signals, const Settings& settings) {
    CheckResult finding = judge_signal(signals.memory, percent(signals.memory));
    const bool used = settings.policy.scale_up.memory_above_percent > 0;
    if (finding.status == CheckStatus::failed && !used) finding.status = CheckStatus::warning;
    return finding;
}

/// What the last pass left; nothing where it cannot be read.
Memory memory_of(const Preflight& preflight) {
    if (!preflight.can_sign) return {};
    const auto state =
        read_state(preflight.ports.store, preflight.ports.codec, preflight.settings.cluster);
    return state ? state->memory : Memory{};
}

CheckResult judge_right_cluster(const Preflight& preflight,
                                const Result<std::vector<Instance>>& fleet,
                                const Signals& signals) {
    if (!fleet) return {CheckStatus::not_checked, "depends on the list of instances"};
    if (!signals.nodes.known()) return {CheckStatus::not_checked, "depends on node data"};
    return judge_match(*fleet, signals.nodes.value(), memory_of(preflight),
                       preflight.ports.clock.now());
}

CheckResult judge_address(const Result<MonitoringSeen>& seen, const Settings& settings, Time now) {
    if (!seen) {
        return {CheckStatus::failed, settings.metrics.url + ": " + seen.error().text,
                "Check [metrics] url and the network; from a laptop use a tunnel (docs/guide.md, "
                "\"Watch\")."};
    }
    if (!seen->clock) return {CheckStatus::ok, settings.metrics.url + " answers"};
    CheckResult clock = judge_clock(now - *seen->clock, "ours");
    if (clock.status == CheckStatus::ok)
        return {CheckStatus::ok, settings.metrics.url + " answers"};
    clock = judge_clock(now - *seen->clock, "Prometheus");
    clock.seen = "this machine's clock is " + clock.seen;
    return clock;
}

void check_trust(const Preflight& preflight, const Signals& signals, Checks& checks) {
    if (!signals.nodes.known()) {
        const CheckResult away{CheckStatus::not_checked, "depends on node data"};
        for (const char* name : {"Prometheus: pods", "local volumes"})
            checks.push_back({name, away});
        return;
    }
    const auto memory = memory_of(preflight);
    checks.push_back({"Prometheus: pods", judge_listed_pods(signals.nodes.value(), memory)});
    checks.push_back({"local volumes", judge_volumes(signals, memory)});
}

}  // namespace

void check_monitoring(const Preflight& preflight, const Result<std::vector<Instance>>& fleet,
                      Checks& checks) {
    const Settings& settings = preflight.settings;
    Clock& clock = preflight.ports.clock;
    const auto seen = preflight.asked.monitoring.look(clock.now());
    checks.push_back({"Prometheus", judge_address(seen, settings, clock.now())});
    if (!seen) {
        const CheckResult away{CheckStatus::not_checked, "depends on Prometheus"};
        for (const char* name :
             {"Prometheus: targets", "signal: CPU", "signal: memory", "signal: pending pods",
              "signal: nodes", "Prometheus: cluster", "Prometheus: families", "Prometheus: pods",
              "local volumes", "K3s versions"}) {
            checks.push_back({name, away});
        }
        return;
    }
    const Signals signals =
        preflight.ports.metrics.read(clock.now(), settings.policy.scale_up.cpu_window);
    checks.push_back({"Prometheus: targets", judge_targets(seen->jobs)});
    checks.push_back({"signal: CPU", judge_signal(signals.cpu, percent(signals.cpu))});
    checks.push_back({"signal: memory", judge_memory(signals, settings)});
    checks.push_back(
        {"signal: pending pods", judge_signal(signals.pending, count_of(signals.pending))});
    checks.push_back({"signal: nodes", judge_signal(signals.nodes, count_of(signals.nodes))});
    checks.push_back({"Prometheus: cluster", judge_right_cluster(preflight, fleet, signals)});
    checks.push_back({"Prometheus: families", judge_families(seen->missing)});
    check_trust(preflight, signals, checks);
    checks.push_back({"K3s versions", judge_versions(seen->nodes, seen->api_version)});
}

}  // namespace nodenap
