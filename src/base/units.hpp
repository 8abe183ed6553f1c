#pragma once

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstdint>

namespace nodenap {

using Milliseconds = std::chrono::milliseconds;
/// Wall-clock time, for leases, signatures and records. Durations are measured with a monotonic
/// clock.
using Time = std::chrono::sys_time<Milliseconds>;

/// The upper bound of all amounts in calculations: a hundred of these can be added, or one
/// multiplied by a hundred, without overflow, and a double represents each exactly.
inline constexpr std::int64_t largest_amount = std::int64_t{1} << 53;

/// Sums of reported values are clamped and never overflow: two absurd requests add up to an absurd
/// one.
constexpr std::int64_t clamped(std::int64_t amount) {
    return std::clamp(amount, -largest_amount, largest_amount);
}
constexpr std::int64_t clamped_sum(std::int64_t a, std::int64_t b) {
    return clamped(clamped(a) + clamped(b));
}
constexpr std::int64_t clamped_difference(std::int64_t a, std::int64_t b) {
    return clamped(clamped(a) - clamped(b));
}

/// An integer with a unit; different units do not mix.
template <class Unit>
struct Quantity {
    std::int64_t value = 0;

    // NOLINTNEXTLINE(modernize-use-nullptr): the 0 is inside the defaulted comparison.
    friend auto operator<=>(const Quantity&, const Quantity&) = default;
    friend Quantity operator+(Quantity a, Quantity b) { return {clamped_sum(a.value, b.value)}; }
    friend Quantity operator-(Quantity a, Quantity b) {
        return {clamped_difference(a.value, b.value)};
    }
    Quantity& operator+=(Quantity other) { return *this = *this + other; }
};

using Millicores = Quantity<struct MillicoresUnit>;
using Mebibytes = Quantity<struct MebibytesUnit>;

/// The requests of a pod, or a node's resources for pods. `pods` counts pod slots.
struct Resources {
    Millicores cpu;
    Mebibytes memory;
    std::int64_t pods = 0;

    // NOLINTNEXTLINE(modernize-use-nullptr): likewise.
    friend auto operator<=>(const Resources&, const Resources&) = default;
    friend Resources operator+(const Resources& a, const Resources& b) {
        return {a.cpu + b.cpu, a.memory + b.memory, clamped_sum(a.pods, b.pods)};
    }
    friend Resources operator-(const Resources& a, const Resources& b) {
        return {a.cpu - b.cpu, a.memory - b.memory, clamped_difference(a.pods, b.pods)};
    }
};

/// Whether `requested` is at most `available` in every dimension.
constexpr bool fits_within(const Resources& requested, const Resources& available) {
    return requested.cpu.value <= available.cpu.value &&
           requested.memory.value <= available.memory.value && requested.pods <= available.pods;
}

}  // namespace nodenap
