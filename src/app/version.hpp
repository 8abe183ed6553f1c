#pragma once

namespace nodenap {

/// The version of CMakeLists.txt; a test keeps the two equal.
inline constexpr const char* version = "0.1.0";

}  // namespace nodenap
