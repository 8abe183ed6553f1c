#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace nodenap {

/// The label that marks to which query a series of a combined response belongs.
inline constexpr std::string_view part_label = "part";

/// The labels that are read from responses. The parser drops all others, since scraped targets can
/// add any number of labels.
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

/// The part with labels that are not known in advance: those that may tell clusters apart.
inline constexpr std::string_view clusters_part = "clusters";
/// Limits for this part: the number of other labels per series, and the length of a name and value
/// together.
inline constexpr std::size_t most_other_labels = 48;
inline constexpr std::size_t longest_other_label = 512;

/// The list's own string for a name, with static lifetime; empty for a label that is not kept.
constexpr std::string_view kept_label(std::string_view name) {
    const auto* found = std::ranges::find(read_labels, name);
    return found == read_labels.end() ? std::string_view() : *found;
}

/// Calling it fails to compile: it is not a constant expression and has no definition.
void add_the_label_to_read_labels();

/// A label name in the code; a name that the parser does not keep fails to compile.
struct LabelName {
    std::string_view text;

    template <class Text>
    consteval LabelName(const Text& name) : text(kept_label(name)) {
        if (text.empty()) add_the_label_to_read_labels();
    }
};

}  // namespace nodenap
