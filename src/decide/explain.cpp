#include "decide/explain.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace nodenap {
namespace {

/// The words of one enum, in the order of its enumerators.
constexpr std::array<std::string_view, 3> decision_words{"scale_up", "scale_down", "hold"};
constexpr std::array<std::string_view, 32> reason_words{
    "below_minimum",     "pending_pods",   "high_cpu",           "high_memory",
    "custom_rule",       "underused",      "above_maximum",      "not_joined",
    "not_ready",         "paused",         "observing",          "lease_held",
    "state_unavailable", "state_newer",    "fleet_unknown",      "metrics_unknown",
    "cooldown",          "booting",        "unneeded_too_short", "would_fire_again",
    "requests_too_high", "burst_baseline", "not_drainable",      "at_minimum",
    "at_maximum",        "price_limit",    "launch_limit",       "no_capacity",
    "spot_unavailable",  "unplaceable",    "not_ours",           "nothing_to_do"};
constexpr std::array<std::string_view, 5> cause_words{"underused", "above_maximum", "not_joined",
                                                      "not_ready", "other"};
constexpr std::array<std::string_view, 2> capacity_words{"on-demand", "spot"};
constexpr std::array<std::string_view, 3> choice_words{"on-demand", "spot", "spot-then-on-demand"};
constexpr std::array<std::string_view, 3> mode_words{"observe", "add_only", "act"};

template <std::size_t N, class Enum>
std::string_view word_at(const std::array<std::string_view, N>& words, Enum value) {
    return words.at(static_cast<std::size_t>(value));
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const std::array<std::string_view, N>& words, std::string_view word) {
    for (std::size_t i = 0; i < N; ++i) {
        if (words.at(i) == word) return static_cast<Enum>(i);
    }
    return std::nullopt;
}

/// Rounded to this many decimals, without trailing zeros. Larger numbers are clamped.
std::string decimal_text(double value, int decimals) {
    constexpr double largest = 9e14;
    value = std::clamp(value, -largest, largest);
    std::int64_t unit = 1;
    for (int i = 0; i < decimals; ++i) unit *= 10;
    const std::int64_t all = std::llabs(std::llround(value * double(unit)));
    std::string text = std::to_string(all / unit);
    auto fraction = std::to_string(unit + all % unit).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    if (!fraction.empty()) text += "." + fraction;
    return value < 0 && all != 0 ? "-" + text : text;
}

std::string launch_text(const std::vector<LaunchGroup>& groups) {
    std::string text;
    for (const auto& group : groups) {
        if (!text.empty()) text += ", ";
        text += std::to_string(group.count) + " × " + group.offering.instance_type + " in " +
                group.offering.zone;
    }
    return text;
}

/// The instances that did not register, or those that rules remove.
std::string removal_text(const std::vector<Removal>& removals, bool registration_failed) {
    std::string text;
    for (const auto& removal : removals) {
        if ((removal.cause == RemovalCause::not_joined) != registration_failed) continue;
        text += (text.empty() ? "" : ", ") + removal.instance_id;
    }
    return text;
}

}  // namespace

std::string_view word(DecisionKind kind) { return word_at(decision_words, kind); }
std::string_view word(ReasonCode code) { return word_at(reason_words, code); }
std::string_view word(RemovalCause cause) { return word_at(cause_words, cause); }
std::string_view word(Capacity capacity) { return word_at(capacity_words, capacity); }
std::string_view word(CapacityChoice choice) { return word_at(choice_words, choice); }
std::string_view word(Mode mode) { return word_at(mode_words, mode); }

std::optional<DecisionKind> decision_kind(std::string_view word) {
    return value_of<DecisionKind>(decision_words, word);
}
std::optional<ReasonCode> reason_code(std::string_view word) {
    return value_of<ReasonCode>(reason_words, word);
}
RemovalCause removal_cause(std::string_view word) {
    return value_of<RemovalCause>(cause_words, word).value_or(RemovalCause::other);
}
std::optional<Capacity> capacity(std::string_view word) {
    return value_of<Capacity>(capacity_words, word);
}

std::string duration_text(Milliseconds span) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span).count();
    if (seconds < 0) return "-" + duration_text(-std::max(span, -Milliseconds::max()));
    if (seconds == 0) return span.count() == 0 ? "0s" : std::to_string(span.count()) + "ms";
    std::string text;
    const std::array<std::pair<std::int64_t, std::string_view>, 3> units{
        {{3600, "h"}, {60, "m"}, {1, "s"}}};
    auto rest = seconds;
    for (const auto& [size, name] : units) {
        if (rest < size) continue;
        text += std::to_string(rest / size).append(name);
        rest %= size;
    }
    return text;
}

std::string counted(std::int64_t count, std::string_view noun) {
    std::string text = std::to_string(count) + ' ';
    text.append(noun);
    if (count != 1) text += 's';
    return text;
}

std::string number_text(double value) { return decimal_text(value, 1); }
std::string price_text(double value) { return decimal_text(value, 4); }

std::string headline(const Plan& plan) {
    std::string text{word(plan.decision)};
    if (!plan.launch.empty()) text += ": " + launch_text(plan.launch);
    std::string_view before = plan.launch.empty() ? ": " : ", ";
    for (const bool registration_failed : {false, true}) {
        const auto removed = removal_text(plan.remove, registration_failed);
        if (removed.empty()) continue;
        text.append(before)
            .append(registration_failed ? "terminates unregistered " : "removes ")
            .append(removed);
        before = ", ";
    }
    if (!plan.reasons.empty()) text += " — " + plan.reasons.front().text;
    return text;
}

}  // namespace nodenap
