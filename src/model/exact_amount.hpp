#pragma once

#include "base/units.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace nodenap {

/// A quantity of Kubernetes ("100m", "1.5Gi", "1e3"), exact to a billionth, as Kubernetes keeps it:
/// requests are added exactly and rounded once, at the end. Never negative. Values above
/// `largest_amount` are that.
class ExactAmount {
public:
    ExactAmount() = default;
    /// `billionths` below 10^9.
    ExactAmount(std::int64_t whole, std::int32_t billionths);

    /// Rounded up to whole units, as Quantity.Value() is.
    std::int64_t value() const;
    /// Rounded up to thousandths, as Quantity.MilliValue() is.
    std::int64_t milli_value() const;
    bool zero() const { return whole_ == 0 && billionths_ == 0; }

    // NOLINTNEXTLINE(modernize-use-nullptr): a defaulted comparison holds no 0 of ours.
    friend auto operator<=>(const ExactAmount&, const ExactAmount&) = default;
    friend ExactAmount operator+(const ExactAmount& a, const ExactAmount& b);

private:
    std::int64_t whole_ = 0;
    std::int32_t billionths_ = 0;
};

/// What Kubernetes writes as a quantity: digits with at most one point, then a suffix (n u m k M G
/// T P E, Ki Mi Gi Ti Pi Ei) or an exponent (e3, E-2). What is finer than a billionth is rounded
/// up. nullopt for everything else, and for what is negative, which no request and no size is.
std::optional<ExactAmount> exact_amount_from_text(std::string_view text);

}  // namespace nodenap
