#pragma once

#include "base/units.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace nodenap::sim {

/// The random numbers of a simulated world. The same seed gives the same numbers on every machine
/// (xoshiro256**, seeded by splitmix64; Blackman and Vigna, "Scrambled linear generators").
class Random {
public:
    explicit Random(std::uint64_t seed);
    /// An independent stream for the part `name`, so that more draws in one part do not affect
    /// others.
    Random(std::uint64_t seed, std::string_view name);

    std::uint64_t next();
    double unit();  // 0 ≤ x < 1
    bool chance(double probability);
    /// Both limits are included.
    std::int64_t between(std::int64_t least, std::int64_t most);
    Milliseconds between(Milliseconds least, Milliseconds most);

private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace nodenap::sim
