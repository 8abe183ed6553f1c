#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace nodenap {

/// Marks of which query a series of a combined answer is.
inline constexpr std::string_view part_label = "part";

/// What the answers of our queries are read for. The parser keeps no other label: whoever has
/// Prometheus scrape them may make up any number of them.
inline constexpr std::array<std::string_view, 26> read_labels = {part_label,
                                                                 "address",
                                                                 "container",
                                                                 "effect",
                                                                 "git_version",
                                                                 "instance",
                                                                 "internal_ip",
                                                                 "job",
                                                                 "job_name",
                                                                 "key",
                                                                 "kubelet_version",
                                                                 "namespace",
                                                                 "node",
                                                                 "of",
                                                                 "owner_kind",
                                                                 "owner_name",
                                                                 "persistentvolume",
                                                                 "persistentvolumeclaim",
                                                                 "pod",
                                                                 "provider_id",
                                                                 "resource",
                                                                 "state",
                                                                 "system_uuid",
                                                                 "uid",
                                                                 "value",
                                                                 "volumename"};

/// The part whose labels nobody knows in advance: those by which clusters may differ.
inline constexpr std::string_view clusters_part = "clusters";
/// Of it, the most other labels of one series, and the longest name and value of one together.
inline constexpr std::size_t most_other_labels = 48;
inline constexpr std::size_t longest_other_label = 512;

/// The list's own text of a name, which lives for ever; empty for a label that is not kept.
constexpr std::string_view kept_label(std::string_view name) {
    const auto* found = std::ranges::find(read_labels, name);
    return found == read_labels.end() ? std::string_view() : *found;
}

/// Called, it is what does not compile: it is no constant expression, and nobody defines it.
void add_the_label_to_read_labels();

/// A label's name in our code: one that the parser does not keep does not compile.
struct LabelName {
    std::string_view text;

    template <class Text>
    consteval LabelName(const Text& name) : text(kept_label(name)) {
        if (text.empty()) add_the_label_to_read_labels();
    }
};

}  // namespace nodenap
