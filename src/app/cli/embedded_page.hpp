#pragma once

#include <string_view>

namespace nodenap {

/// src/app/cli/page/, put together by the build; {{title}} and {{story}} are left to be filled in.
std::string_view embedded_page();

/// docs/nodenap.example.toml, as the build found it: what `nodenap config init` writes.
std::string_view embedded_example();

}  // namespace nodenap
