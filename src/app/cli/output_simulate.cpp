#include "adapters/json/decision_json.hpp"
#include "app/cli/output.hpp"
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
#include <span>

namespace nodenap {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_examples = 5;

/// Within the story: "01:31:05".
std::string story_time(Time at) {
    const auto seconds = (at - sim::world_begins) / std::chrono::seconds(1);
    return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string text_of(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

double rounded(double value) { return std::round(value * 10'000) / 10'000; }

Table totals(const sim::Story& story) {
    Table table({"TOTAL", ""});
    table.add({"passes", std::to_string(story.passes)});
    table.add({"launched", std::to_string(story.launches)});
    table.add({"removed", std::to_string(story.removals)});
    table.add({"node hours", number_text(std::round(story.node_hours * 10) / 10)});
    table.add({"dollars", dollars(story.dollars)});
    table.add({"pods waited",
               fmt::format("{} s in all", number_text(std::round(story.pending_pod_seconds)))});
    return table;
}

Table broken_table(const sim::Story& story) {
    Table table({"TIME", "PROMISE", "WHAT HAPPENED"});
    for (const auto& breach : story.breaches) {
        table.add({story_time(breach.at), breach.promise, breach.text});
    }
    return table;
}

Table trace_table(const sim::Story& story) {
    Table table({"TIME", "WHO", "WHAT"});
    for (const auto& line : story.trace) {
        table.add({story_time(line.at), line.who, harmless(line.text)});
    }
    return table;
}

/// Effects of one kind with one end: "launch i-1", "launch 10: i-1 … i-10", "launch 3 (refused)".
std::string alike_text(std::span<const Effect> alike) {
    const Effect& first = alike.front();
    if (first.error) return fmt::format("{} {} ({})", first.kind, alike.size(), first.result);
    if (alike.size() == 1) return first.kind + " " + first.id;
    return fmt::format("{} {}: {} … {}", first.kind, alike.size(), first.id, alike.back().id);
}

std::string done_text(const Record& record) {
    std::string text;
    std::span<const Effect> rest = record.done;
    while (!rest.empty()) {
        const auto other = std::find_if(rest.begin(), rest.end(), [&](const Effect& effect) {
            const Effect& first = rest.front();
            return effect.kind != first.kind || effect.error.has_value() != first.error.has_value();
        });
        const auto count = static_cast<std::size_t>(other - rest.begin());
        text += (text.empty() ? "" : ", ") + alike_text(rest.first(count));
        rest = rest.subspan(count);
    }
    return text;
}

Table decisions_table(const sim::Story& story) {
    Table table({"TIME", "DID", "WHY"});
    for (const auto& record : story.decisions) {
        const auto& reasons = record.plan.reasons;
        table.add({story_time(record.plan.now), done_text(record),
                   reasons.empty() ? "" : reasons.front().text});
    }
    return table;
}

Json broken_json(const sim::Story& story) {
    Json list = Json::array();
    for (const auto& breach : story.breaches) {
        list.push_back(
            {{"promise", breach.promise}, {"at", time_text(breach.at)}, {"text", breach.text}});
    }
    return list;
}

Json samples_json(const sim::Story& story) {
    Json list = Json::array();
    for (const auto& sample : story.samples) {
        list.push_back({{"at", time_text(sample.at)},
                        {"alive", sample.alive},
                        {"ready", sample.ready},
                        {"running_pods", sample.running_pods},
                        {"waiting_pods", sample.waiting_pods},
                        {"price_per_hour_usd", rounded(sample.price_per_hour_usd)},
                        {"cpu_percent",
                         sample.cpu_percent ? Json(rounded(*sample.cpu_percent)) : Json(nullptr)}});
    }
    return list;
}

Json decisions_json(const sim::Story& story) {
    Json list = Json::array();
    for (const auto& record : story.decisions) {
        list.push_back(Json::parse(record_json(record), nullptr, false));
    }
    return list;
}

Json trace_json(const sim::Story& story) {
    Json list = Json::array();
    for (const auto& line : story.trace) {
        list.push_back({{"at", time_text(line.at)}, {"who", line.who}, {"text", line.text}});
    }
    return list;
}

Json tally_json(const Tally& tally) {
    Json broken = Json::object();
    for (const auto& [promise, seeds] : tally.broken) broken[promise] = seeds;
    const auto if_sampled = [&](double value) { return tally.sampled ? Json(value) : Json(); };
    return {{"rules", tally.rules},
            {"seeds", tally.seeds},
            {"seeds_with_adapters", tally.seeds_with_adapters},
            {"seeds_broken", tally.seeds_broken},
            {"passes", tally.passes},
            {"node_hours", if_sampled(rounded(tally.node_hours))},
            {"dollars", if_sampled(rounded(tally.dollars))},
            {"pending_pod_seconds", if_sampled(std::round(tally.pending_pod_seconds))},
            {"broken", std::move(broken)},
            {"examples", tally.examples}};
}

std::string broken_text(const Tally& tally) {
    std::string text;
    for (const auto& [promise, seeds] : tally.broken) {
        text += fmt::format("{}{} in {}", text.empty() ? "" : ", ", promise, seeds);
    }
    return text.empty() ? "none" : text;
}

}  // namespace

std::string story_text(const sim::Scenario& scenario, const sim::Story& story, const Style& style) {
    std::string text = fmt::format("{}, seed {}{}\n", scenario.name, story.seed,
                                   story.wired ? ", through the adapters" : "");
    if (!scenario.about.empty()) text += wrapped(scenario.about, style.width, 0) + "\n";
    text += "Faults: " + wrapped(sim::text_of(story.faults), style.width, 8) + "\n\n";
    text +=
        story.trace.empty() ? decisions_table(story).text(style) : trace_table(story).text(style);
    text += "\n" + totals(story).text(style) + "\n";
    const auto broken = broken_table(story);
    text += broken.empty() ? "Every promise was kept.\n" : broken.text(style);
    return text;
}

std::string story_json(const sim::Scenario& scenario, const sim::Story& story) {
    Json json = {{"version", 1},
                 {"scenario", scenario.name},
                 {"about", scenario.about},
                 {"seed", story.seed},
                 {"adapters", story.wired},
                 {"faults", sim::text_of(story.faults)},
                 {"passes", story.passes},
                 {"launches", story.launches},
                 {"removals", story.removals},
                 {"node_hours", rounded(story.node_hours)},
                 {"dollars", rounded(story.dollars)},
                 {"pending_pod_seconds", std::round(story.pending_pod_seconds)},
                 {"broken", broken_json(story)},
                 {"samples", samples_json(story)},
                 {"decisions", decisions_json(story)},
                 {"trace", trace_json(story)}};
    return text_of(json);
}

void Tally::add(const sim::Story& story) {
    ++seeds;
    if (story.wired) ++seeds_with_adapters;
    passes += story.passes;
    sampled = sampled || !story.samples.empty();
    node_hours += story.node_hours;
    dollars += story.dollars;
    pending_pod_seconds += story.pending_pod_seconds;
    if (!story.breaches.empty()) ++seeds_broken;
    std::map<std::string, bool> seen;
    for (const auto& breach : story.breaches) {
        if (std::exchange(seen[breach.promise], true)) continue;
        ++broken[breach.promise];
        if (examples.size() >= most_examples) continue;
        examples.push_back(fmt::format("seed {}, {}: {}: {}", story.seed, story_time(breach.at),
                                       breach.promise, breach.text));
    }
}

std::string tallies_text(const sim::Scenario& scenario, const std::vector<Tally>& tallies,
                         const Style& style) {
    std::vector<std::string> head = {"RULES", "SEEDS", "WITH A BROKEN PROMISE", "BROKEN", "PASSES"};
    const bool sampled = tallies.front().sampled;
    if (sampled) head.insert(head.end(), {"PODS WAITED", "NODE HOURS", "DOLLARS"});
    Table table(head);
    for (const auto& tally : tallies) {
        std::vector<std::string> row = {tally.rules, std::to_string(tally.seeds),
                                        std::to_string(tally.seeds_broken), broken_text(tally),
                                        std::to_string(tally.passes)};
        if (sampled) {
            row.insert(row.end(),
                       {number_text(std::round(tally.pending_pod_seconds)) + " s",
                        number_text(std::round(tally.node_hours)), dollars(tally.dollars)});
        }
        table.add(std::move(row));
    }
    std::string text = scenario.name + "\n";
    if (tallies.front().seeds_with_adapters > 0) {
        text += fmt::format("Of the seeds {} went through the adapters, on simulated servers.\n",
                            tallies.front().seeds_with_adapters);
    }
    text += "\n" + table.text(style);
    for (const auto& tally : tallies) {
        for (const auto& example : tally.examples) {
            text += "\n" + wrapped(tally.rules + ": " + example, style.width, 2);
        }
    }
    return text + "\n";
}

std::string tallies_json(const sim::Scenario& scenario, const std::vector<Tally>& tallies) {
    Json list = Json::array();
    for (const auto& tally : tallies) list.push_back(tally_json(tally));
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
