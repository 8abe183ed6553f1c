#include "base/crc32.hpp"

#include <array>

namespace nodenap {

namespace {

constexpr std::uint32_t reversed_polynomial = 0xEDB88320U;

constexpr std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t i = 0; i < made.size(); ++i) {
        std::uint32_t rest = i;
        for (int bit = 0; bit < 8; ++bit) {
            rest = (rest >> 1) ^ ((rest & 1U) != 0 ? reversed_polynomial : 0U);
        }
        made[i] = rest;
    }
    return made;
}();

}  // namespace

std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t rest = 0xFFFFFFFFU;
    for (const char c : bytes) {
        rest = (rest >> 8) ^ table[(rest ^ static_cast<unsigned char>(c)) & 0xFFU];
    }
    return ~rest;
}

}  // namespace nodenap
