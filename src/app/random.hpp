#pragma once

#include <string>

namespace nodenap {

/// 128 random bits of the kernel as 32 hex digits.
std::string random_hex();

}  // namespace nodenap
