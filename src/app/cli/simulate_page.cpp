#include "app/cli/simulate_page.hpp"

#include "app/cli/embedded_page.hpp"
#include "app/cli/output.hpp"
#include "base/harmless.hpp"
#include "base/markup.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cmath>
#include <set>
#include <utility>

namespace nodenap {
namespace {

using Json = nlohmann::ordered_json;

std::int64_t seconds_of(Milliseconds span) { return span / std::chrono::seconds(1); }
std::int64_t seconds_into(Time at) { return seconds_of(at - sim::world_begins); }

double rounded(double value, double parts = 10'000) { return std::round(value * parts) / parts; }

using TypeNames = std::set<std::string>;

TypeNames types_of(const std::vector<PolicyRun>& runs) {
    TypeNames names;
    for (const auto& run : runs) {
        for (const auto& sample : run.run_result.samples) {
            for (const auto& [name, count] : sample.types) names.insert(name);
        }
    }
    return names;
}

/// [alive, ready, running, waiting, $/h, CPU %, [alive of each type]], as it holds until the next
/// row.
Json values_of(const sim::Sample& sample, const TypeNames& types) {
    const auto& cpu = sample.cpu_percent;
    Json counts = Json::array();
    for (const auto& name : types) {
        const auto found = sample.types.find(name);
        counts.push_back(found == sample.types.end() ? 0 : found->second);
    }
    return {sample.alive,
            sample.ready,
            sample.running_pods,
            sample.waiting_pods,
            rounded(sample.price_per_hour_usd),
            cpu ? Json(rounded(*cpu, 10)) : Json(nullptr),
            std::move(counts)};
}

/// Only where something changes: days of calm cost no room.
Json changes_of(const std::vector<sim::Sample>& samples, const TypeNames& types) {
    Json rows = Json::array();
    Json last;
    for (const auto& sample : samples) {
        Json values = values_of(sample, types);
        if (values == last) continue;
        last = values;
        values.insert(values.begin(), seconds_into(sample.at));
        rows.push_back(std::move(values));
    }
    return rows;
}

auto count_of(const Record& record, std::string_view kind, bool failed) {
    return std::count_if(record.done.begin(), record.done.end(), [&](const Effect& effect) {
        return effect.kind == kind && effect.error.has_value() == failed;
    });
}

/// No world of the simulator measures memory: that it is unknown is not said a hundred times.
SignalSummary measured(SignalSummary signals) {
    std::erase_if(signals.unknown, [](const auto& each) { return each.signal == "memory"; });
    return signals;
}

Json decision_of(const Record& record, const Policy& policy) {
    Json why = Json::array();
    for (const auto& reason : record.plan.reasons) why.push_back(reason.text);
    return {{"at", seconds_into(record.plan.now)},
            {"launched", count_of(record, "launch", false)},
            {"removed", count_of(record, "terminate", false)},
            {"refused", count_of(record, "launch", true) + count_of(record, "terminate", true)},
            {"settled", count_of(record, "adopt", false) + count_of(record, "close", false)},
            {"saw", saw_text(measured(record.plan.signals))},
            {"did", did_text(record, policy)},
            {"why", std::move(why)}};
}

Json interruptions_of(const sim::RunResult& run_result) {
    Json list = Json::array();
    for (const auto& [at, instance, type] : run_result.interruptions) {
        list.push_back({{"at", seconds_into(at)}, {"instance", instance}, {"type", type}});
    }
    return list;
}

Json prices_of(const TypeNames& types, const Policy& policy) {
    Json list = Json::array();
    for (const auto& name : types) {
        const auto* type = find_type(policy, name);
        const auto price = type == nullptr ? Json() : Json(node_price_per_hour_usd(policy, *type));
        list.push_back({{"name", name}, {"price_per_hour_usd", price}});
    }
    return list;
}

Json run_of(const PolicyRun& told, const Policy& policy, const TypeNames& types) {
    const auto& run_result = told.run_result;
    Json broken = Json::array();
    for (const auto& breach : run_result.breaches) {
        broken.push_back(
            {{"at", seconds_into(breach.at)}, {"promise", breach.promise}, {"text", breach.text}});
    }
    Json decisions = Json::array();
    const bool says_why = told.rules == sim::Rules::nodenap;  // the article's records are empty
    for (const auto& record : run_result.decisions) {
        if (says_why) decisions.push_back(decision_of(record, policy));
    }
    const auto& samples = run_result.samples;
    return {{"rules", told.rules == sim::Rules::baseline ? "article" : "nodenap"},
            {"end", samples.empty() ? 0 : seconds_into(samples.back().at + sim::sampled_every)},
            {"passes", run_result.passes},
            {"launches", run_result.launches},
            {"removals", run_result.removals},
            {"node_hours", rounded(run_result.node_hours)},
            {"dollars", rounded(run_result.dollars)},
            {"pending_pod_seconds", std::round(run_result.pending_pod_seconds)},
            {"waited_pods", run_result.waited_pods},
            {"median_wait_seconds", run_result.median_wait_seconds},
            {"longest_wait_seconds", run_result.longest_wait_seconds},
            {"interruptions", interruptions_of(run_result)},
            {"broken", std::move(broken)},
            {"samples", changes_of(samples, types)},
            {"decisions", std::move(decisions)}};
}

Json steps_of(const sim::Scenario& scenario) {
    Json list = Json::array();
    for (const auto& [at, deployment] : scenario.steps) {
        list.push_back({{"at", seconds_of(at)},
                        {"deployment", deployment.name},
                        {"replicas", deployment.replicas},
                        {"cpu_millicores", deployment.requests.cpu.value},
                        {"memory_mib", deployment.requests.memory.value},
                        {"uses_millicores", deployment.uses.value}});
    }
    return list;
}

Json faults_of(const sim::Scenario& scenario) {
    Json list = Json::array();
    for (const auto& kind : sim::fault_kinds()) {
        const double chance = scenario.faults.*kind.chance;
        if (chance > 0) list.push_back({{"name", kind.name}, {"chance", chance}});
    }
    return list;
}

Json limits_of(const Policy& policy) {
    return {{"min_nodes", policy.limits.min_nodes},
            {"max_nodes", policy.limits.max_nodes},
            {"cpu_above", policy.scale_up.cpu_above_percent},
            {"cpu_below", policy.scale_down.cpu_below_percent}};
}

/// Within a script element nothing may look like the element's end, nor like a comment.
std::string script_text(const Json& json) {
    const auto text = harmless(json.dump(-1, ' ', false, Json::error_handler_t::replace));
    std::string out;
    for (const char each : text) {
        if (each == '<') {
            out += "\\u003c";
        } else {
            out += each;
        }
    }
    return out;
}

/// `page` with each mark, in the order in which they stand there, replaced by its text.
std::string filled(std::string_view page,
                   const std::vector<std::pair<std::string_view, std::string>>& texts) {
    std::string out;
    for (const auto& [mark, text] : texts) {
        const auto at = page.find(mark);
        out += page.substr(0, at);
        out += text;
        page.remove_prefix(at + mark.size());
    }
    return out += page;
}

}  // namespace

std::string run_page(const sim::Scenario& scenario, const std::vector<PolicyRun>& run_results,
                     std::string_view command) {
    const auto seed = run_results.empty() ? 0 : run_results.front().run_result.seed;
    const auto& policy = scenario.settings.policy;
    const auto types = types_of(run_results);
    Json json = {{"version", 1},
                 {"scenario", scenario.name},
                 {"about", scenario.about},
                 {"seed", std::to_string(seed)},  // more digits than a browser counts in
                 {"command", command},
                 {"length", seconds_of(scenario.length)},
                 {"calm", seconds_of(scenario.calm)},
                 {"limits", limits_of(policy)},
                 {"faults", faults_of(scenario)},
                 {"steps", steps_of(scenario)},
                 {"types", prices_of(types, policy)},
                 {"stories", Json::array()}};
    for (const auto& told : run_results) json["stories"].push_back(run_of(told, policy, types));
    const auto title = fmt::format("{}, seed {} · Nodenap", scenario.name, seed);
    return filled(embedded_page(),
                  {{"{{title}}", markup_text(harmless(title))}, {"{{story}}", script_text(json)}});
}

std::string shell_word(std::string_view word) {
    const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char each) {
        return std::isalnum(static_cast<unsigned char>(each)) != 0 ||
               std::string_view("/._-+,=:@%").find(each) != std::string_view::npos;
    });
    if (plain) return std::string(word);
    std::string out = "'";
    for (const char each : word) {
        if (each == '\'') {
            out += R"('\'')";
        } else {
            out += each;
        }
    }
    return out + "'";
}

}  // namespace nodenap
