#pragma once

#include "base/units.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

using Bytes = Quantity<struct BytesUnit>;

/// How much of a resource beside CPU, memory and ephemeral storage: "nvidia.com/gpu", 1.
struct NamedAmount {
    std::string name;
    std::int64_t amount = 0;
    friend bool operator==(const NamedAmount&, const NamedAmount&) = default;
};

/// What a pod asks for, or what a node has, of every resource. `others` is sorted by name and has
/// each once; "pods" is none of them.
struct ResourceAmounts {
    Millicores cpu;
    Bytes memory;
    Bytes ephemeral_storage;
    std::vector<NamedAmount> others = {};

    std::int64_t other(std::string_view name) const;
    /// Of one resource beside the three; sums are clamped.
    void add_other(std::string_view name, std::int64_t amount);
    ResourceAmounts& operator+=(const ResourceAmounts& more);
    ResourceAmounts& operator-=(const ResourceAmounts& less);
    friend bool operator==(const ResourceAmounts&, const ResourceAmounts&) = default;
};

}  // namespace nodenap
