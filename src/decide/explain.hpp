#pragma once

#include "decide/plan.hpp"

#include <optional>

#include <string>
#include <string_view>

namespace nodenap {

/// The words used in configuration, JSON and state: "scale_up", "below_minimum", "on-demand".
std::string_view word(DecisionKind kind);
std::string_view word(ReasonCode code);
std::string_view word(RemovalCause cause);
std::string_view word(Capacity capacity);
std::string_view word(CapacityChoice choice);
std::string_view word(Mode mode);

/// The inverse; nullopt for an unknown word.
std::optional<DecisionKind> decision_kind(std::string_view word);
std::optional<ReasonCode> reason_code(std::string_view word);
std::optional<Capacity> capacity(std::string_view word);
RemovalCause removal_cause(std::string_view word);  // `other` if unknown

/// "90s", "5m", "2h30m": whole units, largest first.
std::string duration_text(Milliseconds span);
/// "1 pod", "3 pods".
std::string counted(std::int64_t count, std::string_view noun);
/// At most one decimal: "81.2", "30".
std::string number_text(double value);
/// At most four decimals, for prices: "0.029", "1.5".
std::string price_text(double value);

/// A plan's actions and reason in one line: "scale_up: 2 × t3.small — 50 unschedulable pods".
std::string headline(const Plan& plan);

}  // namespace nodenap
