#include "app/cli/output.hpp"
#include "app/cli/output_json.hpp"
#include "app/cli/simulate_report.hpp"
#include "app/cli/table.hpp"
#include "base/harmless.hpp"
#include "base/time_text.hpp"

#include "decide/explain.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace nodenap {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_examples = 5;

/// Within the story: "01:31:05".
std::string run_time(Time at) {
    const auto seconds = (at - sim::world_begins) / std::chrono::seconds(1);
    return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string text_of(Json json) { return document_text(std::move(json)) + "\n"; }

std::string seconds_text(double seconds) {
    return duration_text(Milliseconds(static_cast<std::int64_t>(seconds * 1000)));
}

/// "5850 pod-seconds; 35 pods waited: median 2m30s, longest 5m".
std::string pending_text(const sim::RunResult& run_result) {
    const std::string sum =
        number_text(std::round(run_result.pending_pod_seconds)) + " pod-seconds";
    if (run_result.waited_pods == 0) return sum;
    return fmt::format("{}; {} waited: median {}, longest {}", sum,
                       counted(run_result.waited_pods, "pod"),
                       seconds_text(run_result.median_wait_seconds),
                       seconds_text(run_result.longest_wait_seconds));
}

Json interruptions_json(const sim::RunResult& run_result) {
    Json list = Json::array();
    for (const auto& [at, instance, type] : run_result.interruptions) {
        list.push_back({{"at", time_text(at)}, {"instance_id", instance}, {"instance_type", type}});
    }
    return list;
}

Table totals(const sim::RunResult& run_result) {
    Table table({"TOTAL", ""});
    table.add({"passes", std::to_string(run_result.passes)});
    table.add({"launched", std::to_string(run_result.launches)});
    table.add({"removed", std::to_string(run_result.removals)});
    table.add({"node hours", number_text(std::round(run_result.node_hours * 10) / 10)});
    table.add({"cost", cents(run_result.dollars)});
    table.add({"pending time", pending_text(run_result)});
    return table;
}

Table broken_table(const sim::RunResult& run_result) {
    Table table({"TIME", "PROMISE", "WHAT HAPPENED"});
    for (const auto& breach : run_result.breaches) {
        table.add({run_time(breach.at), breach.promise, breach.text});
    }
    return table;
}

Table trace_table(const sim::RunResult& run_result) {
    Table table({"TIME", "WHO", "WHAT"});
    for (const auto& line : run_result.trace) {
        table.add({run_time(line.at), line.who, harmless(line.text)});
    }
    return table;
}

Table decisions_table(const sim::RunResult& run_result, const Policy& policy) {
    Table table({"TIME", "DID", "WHY"});
    for (const auto& record : run_result.decisions) {
        const auto& reasons = record.plan.reasons;
        table.add({run_time(record.plan.now), did_in_short(record, policy),
                   reasons.empty() ? "" : reasons.front().text});
    }
    return table;
}

Json broken_json(const sim::RunResult& run_result) {
    Json list = Json::array();
    for (const auto& breach : run_result.breaches) {
        list.push_back(
            {{"promise", breach.promise}, {"at", time_text(breach.at)}, {"text", breach.text}});
    }
    return list;
}

Json samples_json(const sim::RunResult& run_result) {
    Json list = Json::array();
    for (const auto& sample : run_result.samples) {
        list.push_back(
            {{"at", time_text(sample.at)},
             {"alive", sample.alive},
             {"ready", sample.ready},
             {"running_pods", sample.running_pods},
             {"waiting_pods", sample.waiting_pods},
             {"types", sample.types},
             {"price_per_hour_usd", sample.price_per_hour_usd},
             {"cpu_percent", sample.cpu_percent ? Json(*sample.cpu_percent) : Json(nullptr)}});
    }
    return list;
}

Json decisions_json(const sim::RunResult& run_result) {
    Json list = Json::array();
    for (const auto& record : run_result.decisions) {
        list.push_back(Json::parse(whole_record_json(record), nullptr, false));
    }
    return list;
}

Json trace_json(const sim::RunResult& run_result) {
    Json list = Json::array();
    for (const auto& line : run_result.trace) {
        list.push_back({{"at", time_text(line.at)}, {"who", line.who}, {"text", line.text}});
    }
    return list;
}

Json summary_json(const Summary& summary) {
    Json broken = Json::object();
    for (const auto& [promise, seeds] : summary.broken) broken[promise] = seeds;
    const auto if_sampled = [&](double value) { return summary.sampled ? Json(value) : Json(); };
    return {{"rules", summary.rules},
            {"seeds", summary.seeds},
            {"seeds_with_adapters", summary.seeds_with_adapters},
            {"seeds_broken", summary.seeds_broken},
            {"passes", summary.passes},
            {"node_hours", if_sampled(summary.node_hours)},
            {"dollars", if_sampled(summary.dollars)},
            {"pending_pod_seconds", if_sampled(std::round(summary.pending_pod_seconds))},
            {"broken", std::move(broken)},
            {"examples", summary.examples}};
}

std::string broken_text(const Summary& summary) {
    std::string text;
    for (const auto& [promise, seeds] : summary.broken) {
        text += fmt::format("{}{} in {}", text.empty() ? "" : ", ", promise, seeds);
    }
    return text.empty() ? "none" : text;
}

}  // namespace

std::string run_text(const sim::Scenario& scenario, const sim::RunResult& run_result,
                     const Style& style) {
    std::string text = fmt::format("{}, seed {}{}\n", scenario.name, run_result.seed,
                                   run_result.wired ? ", through the adapters" : "");
    if (!scenario.about.empty()) text += wrapped(scenario.about, style.width, 0) + "\n";
    text += "Faults: " + wrapped(sim::text_of(run_result.faults), style.width, 8) + "\n\n";
    text += run_result.trace.empty()
                ? decisions_table(run_result, scenario.settings.policy).text(style)
                : trace_table(run_result).text(style);
    text += "\n" + totals(run_result).text(style) + "\n";
    const auto broken = broken_table(run_result);
    text += broken.empty() ? "All promises were kept.\n" : broken.text(style);
    if (run_result.stopped) {
        text += fmt::format("Interrupted at {} of {}: this is the part that ran.\n",
                            run_time(run_result.ended_at),
                            run_time(sim::world_begins + scenario.length));
    }
    return text;
}

std::string run_json(const sim::Scenario& scenario, const sim::RunResult& run_result) {
    Json json = {{"version", 1},
                 {"scenario", scenario.name},
                 {"about", scenario.about},
                 {"seed", run_result.seed},
                 {"adapters", run_result.wired},
                 {"faults", sim::text_of(run_result.faults)},
                 {"passes", run_result.passes},
                 {"launches", run_result.launches},
                 {"removals", run_result.removals},
                 {"node_hours", run_result.node_hours},
                 {"dollars", run_result.dollars},
                 {"pending_pod_seconds", std::round(run_result.pending_pod_seconds)},
                 {"waited_pods", run_result.waited_pods},
                 {"median_wait_seconds", run_result.median_wait_seconds},
                 {"longest_wait_seconds", run_result.longest_wait_seconds},
                 {"stopped", run_result.stopped},
                 {"interruptions", interruptions_json(run_result)},
                 {"broken", broken_json(run_result)},
                 {"samples", samples_json(run_result)},
                 {"decisions", decisions_json(run_result)},
                 {"trace", trace_json(run_result)}};
    return text_of(json);
}

void Summary::add(const sim::RunResult& run_result) {
    ++seeds;
    if (run_result.wired) ++seeds_with_adapters;
    passes += run_result.passes;
    sampled = sampled || !run_result.samples.empty();
    node_hours += run_result.node_hours;
    dollars += run_result.dollars;
    pending_pod_seconds += run_result.pending_pod_seconds;
    if (!run_result.breaches.empty()) ++seeds_broken;
    std::map<std::string, bool> seen;
    for (const auto& breach : run_result.breaches) {
        if (std::exchange(seen[breach.promise], true)) continue;
        ++broken[breach.promise];
        if (examples.size() >= most_examples) continue;
        examples.push_back(fmt::format("seed {}, {}: {}: {}", run_result.seed, run_time(breach.at),
                                       breach.promise, breach.text));
    }
}

std::string tallies_text(const sim::Scenario& scenario, const std::vector<Summary>& tallies,
                         const Style& style) {
    std::vector<std::string> head = {"RULES", "SEEDS", "WITH A BROKEN PROMISE", "BROKEN", "PASSES"};
    const bool sampled = tallies.front().sampled;
    if (sampled) head.insert(head.end(), {"PENDING TIME", "NODE HOURS", "COST"});
    Table table(head);
    for (const auto& summary : tallies) {
        std::vector<std::string> row = {summary.rules, std::to_string(summary.seeds),
                                        std::to_string(summary.seeds_broken), broken_text(summary),
                                        std::to_string(summary.passes)};
        if (sampled) {
            row.insert(row.end(),
                       {number_text(std::round(summary.pending_pod_seconds)) + " pod-seconds",
                        number_text(std::round(summary.node_hours)), cents(summary.dollars)});
        }
        table.add(std::move(row));
    }
    std::string text = scenario.name + "\n";
    if (tallies.front().seeds_with_adapters > 0) {
        text += fmt::format("{} seeds ran through the adapters, on simulated servers.\n",
                            tallies.front().seeds_with_adapters);
    }
    text += "\n" + table.text(style);
    for (const auto& summary : tallies) {
        for (const auto& example : summary.examples) {
            text += "\n" + wrapped(summary.rules + ": " + example, style.width, 2);
        }
    }
    return text + "\n";
}

std::string tallies_json(const sim::Scenario& scenario, const std::vector<Summary>& tallies) {
    Json list = Json::array();
    for (const auto& summary : tallies) list.push_back(summary_json(summary));
    return text_of({{"version", 1}, {"scenario", scenario.name}, {"tallies", std::move(list)}});
}

std::string fingerprints_text(const std::vector<SeedFingerprint>& fingerprints) {
    std::string text;
    for (const auto& [seed, hash] : fingerprints) text += fmt::format("{} {:016x}\n", seed, hash);
    return text;
}

std::string fingerprints_json(const sim::Scenario& scenario,
                              const std::vector<SeedFingerprint>& fingerprints) {
    Json list = Json::array();
    for (const auto& [seed, hash] : fingerprints) {
        list.push_back({{"seed", seed}, {"fingerprint", fmt::format("{:016x}", hash)}});
    }
    return text_of(
        {{"version", 1}, {"scenario", scenario.name}, {"fingerprints", std::move(list)}});
}

}  // namespace nodenap
