#pragma once

#include "adapters/http/http.hpp"
#include "base/result.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// One series at the evaluation time. NaN and infinities are kept and judged later.
struct Sample {
    std::vector<std::pair<std::string_view, std::string>> labels;  // names have static lifetime
    double value = 0;
    // Of the part "clusters" only: labels that are not in the list of kept labels.
    std::vector<std::pair<std::string, std::string>> other_labels = {};

    /// Empty if it has no such label, as in Prometheus itself.
    std::string_view label(LabelName name) const { return text_of(name.text); }
    std::string_view text_of(std::string_view name) const;
    bool has(std::string_view name) const;
};

/// Parses a response of /api/v1/query: a vector, or a scalar as one sample without labels. Consumes
/// the response and frees it, so that responses and their parsed contents are not in memory at the
/// same time. The Error's text is a cause for people: no response, an error, not JSON, another
/// type, a value that is not a number, or a warning that the response may be incomplete.
Result<std::vector<Sample>> parse_answer(Result<HttpResponse> answer);

}  // namespace nodenap
