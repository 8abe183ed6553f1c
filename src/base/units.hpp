#pragma once

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstdint>

namespace nodenap {

using Milliseconds = std::chrono::milliseconds;
/// Wall clock, for leases, signatures and records. Spans are measured on a monotonic clock.
using Time = std::chrono::sys_time<Milliseconds>;

/// No amount that is reckoned with is larger: a hundred of these can be added, or one multiplied by
/// a hundred, and a double holds each of them exactly.
inline constexpr std::int64_t largest_amount = std::int64_t{1} << 53;

/// Sums of what others report are clamped, never wrapped: two absurd requests are an absurd one.
constexpr std::int64_t clamped(std::int64_t amount) {
    return std::clamp(amount, -largest_amount, largest_amount);
}
constexpr std::int64_t clamped_sum(std::int64_t a, std::int64_t b) {
    return clamped(clamped(a) + clamped(b));
}
constexpr std::int64_t clamped_difference(std::int64_t a, std::int64_t b) {
    return clamped(clamped(a) - clamped(b));
}

/// A whole number of one unit; two units never mix.
template <class Unit>
struct Quantity {
    std::int64_t value = 0;

    // NOLINTNEXTLINE(modernize-use-nullptr): a defaulted comparison holds no 0 of ours.
    friend auto operator<=>(const Quantity&, const Quantity&) = default;
    friend Quantity operator+(Quantity a, Quantity b) { return {clamped_sum(a.value, b.value)}; }
    friend Quantity operator-(Quantity a, Quantity b) {
        return {clamped_difference(a.value, b.value)};
    }
    Quantity& operator+=(Quantity other) { return *this = *this + other; }
};

using Millicores = Quantity<struct MillicoresUnit>;
using Mebibytes = Quantity<struct MebibytesUnit>;

/// What a pod asks for, or what a node has for pods. `pods` counts places for pods.
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

/// Whether `asked` is at most `room` in every dimension.
constexpr bool fits_within(const Resources& asked, const Resources& room) {
    return asked.cpu.value <= room.cpu.value && asked.memory.value <= room.memory.value &&
           asked.pods <= room.pods;
}

}  // namespace nodenap
