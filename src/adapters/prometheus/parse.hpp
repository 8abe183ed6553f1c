#pragma once

#include "adapters/http/http.hpp"
#include "adapters/prometheus/labels.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nodenap {

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
