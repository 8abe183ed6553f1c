#pragma once

#include "adapters/http/http.hpp"
#include "app/config.hpp"

namespace nodenap {

/// What is trusted (AWS_CA_BUNDLE in place of the built-in roots), and where a test wants us to
/// die. invalid: the bundle cannot be read.
Result<HttpOptions> http_options(const Environment& environment);

}  // namespace nodenap
