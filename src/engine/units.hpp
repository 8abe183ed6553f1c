#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace nodenap {

using Milliseconds = std::chrono::milliseconds;
/// Wall clock, for leases, signatures and records. Spans are measured on a monotonic clock.
using Time = std::chrono::sys_time<Milliseconds>;

/// A whole number of one unit; two units never mix.
template <class Unit>
struct Quantity {
    std::int64_t value = 0;

    // NOLINTNEXTLINE(modernize-use-nullptr): a defaulted comparison holds no 0 of ours.
    friend auto operator<=>(const Quantity&, const Quantity&) = default;
    friend Quantity operator+(Quantity a, Quantity b) { return {a.value + b.value}; }
    friend Quantity operator-(Quantity a, Quantity b) { return {a.value - b.value}; }
    friend Quantity operator*(Quantity a, std::int64_t times) { return {a.value * times}; }
    Quantity& operator+=(Quantity other) {
        value += other.value;
        return *this;
    }
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
        return {a.cpu + b.cpu, a.memory + b.memory, a.pods + b.pods};
    }
    friend Resources operator-(const Resources& a, const Resources& b) {
        return {a.cpu - b.cpu, a.memory - b.memory, a.pods - b.pods};
    }
};

/// Whether `asked` is at most `room` in every dimension.
constexpr bool fits_within(const Resources& asked, const Resources& room) {
    return asked.cpu.value <= room.cpu.value && asked.memory.value <= room.memory.value &&
           asked.pods <= room.pods;
}

}  // namespace nodenap
