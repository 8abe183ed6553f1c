#pragma once

#include <cstdint>
#include <string_view>

namespace nodenap {

/// The checksum that DynamoDB sends as x-amz-crc32 (IEEE 802.3, as in zlib, which the function's
/// program does not link).
std::uint32_t crc32(std::string_view bytes);

}  // namespace nodenap
