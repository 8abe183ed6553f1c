#pragma once

#include "model/cluster_state.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace nodenap {

/// Amounts by axis; see ResourceAxes.
using Size = std::vector<std::int64_t>;

/// Whether `size` is at most `free` on each axis.
bool is_within(const Size& size, const Size& free);
void add(Size& to, const Size& more);
void subtract(Size& from, const Size& less);

/// The resources that are compared when pods are packed: millicores, bytes of memory, places for
/// pods, bytes of ephemeral storage, then every other resource that one of the pods requests.
class ResourceAxes {
public:
    static constexpr std::size_t cpu = 0;
    static constexpr std::size_t memory = 1;

    explicit ResourceAxes(const std::vector<const Pod*>& pods);

    std::size_t count() const { return 4 + others_.size(); }
    /// `pods` places are taken or offered besides `amounts`.
    Size size_of(const ResourceAmounts& amounts, std::int64_t pods) const;
    /// "cpu", "nvidia.com/gpu"
    std::string name(std::size_t axis) const;

private:
    std::vector<std::string> others_;  // sorted
};

/// Pods of one class with equal requests, in the order of their names.
struct PodShape {
    std::size_t pod_class = 0;
    Size size;
    std::vector<const Pod*> pods;
};

/// Pods interned in two levels: classes of pods that each filter but NodeResourcesFit treats alike,
/// and within them shapes of equal size. The order of the pods given does not matter.
struct PodShapes {
    ResourceAxes axes;
    std::vector<const Pod*> classes;  // one pod of each, which stands for it
    std::vector<PodShape> shapes;
};

/// Time: n log n in the number of pods. The pods must outlive the result.
PodShapes shapes_of(std::vector<const Pod*> pods);

}  // namespace nodenap
