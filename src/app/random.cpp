#include "app/random.hpp"

#include <sys/random.h>

#include <fmt/format.h>

#include <array>
#include <cassert>

namespace nodenap {

std::string random_hex() {
    std::array<unsigned char, 16> bits{};
    const ssize_t got = getrandom(bits.data(), bits.size(), 0);
    assert(got == static_cast<ssize_t>(bits.size()));  // up to 256 bytes come whole
    std::string digits;
    for (const unsigned char bit : bits) digits += fmt::format("{:02x}", bit);
    return digits;
}

}  // namespace nodenap
