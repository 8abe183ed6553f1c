#include "sim/world/random.hpp"

#include <bit>

namespace nodenap::sim {
namespace {

std::uint64_t splitmix(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
}

/// FNV-1a.
std::uint64_t hash(std::string_view name) {
    std::uint64_t sum = 0xcbf29ce484222325U;
    for (const char c : name) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return sum;
}

}  // namespace

Random::Random(std::uint64_t seed) {
    for (auto& word : state_) word = splitmix(seed);
}

Random::Random(std::uint64_t seed, std::string_view name) : Random(seed ^ hash(name)) {}

std::uint64_t Random::next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

double Random::unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

bool Random::chance(double probability) { return probability > 0 && unit() < probability; }

std::int64_t Random::between(std::int64_t least, std::int64_t most) {
    const auto span = static_cast<std::uint64_t>(most - least) + 1;
    return least + static_cast<std::int64_t>(next() % span);
}

Milliseconds Random::between(Milliseconds least, Milliseconds most) {
    return Milliseconds{between(least.count(), most.count())};
}

}  // namespace nodenap::sim
