#pragma once

namespace nodenap {

/// The code of an Error: no credentials were found, so nothing was asked of AWS.
inline constexpr const char* no_credentials = "NoCredentials";

}  // namespace nodenap
