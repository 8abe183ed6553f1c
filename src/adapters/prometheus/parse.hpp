#pragma once

#include "adapters/http/http.hpp"
#include "adapters/prometheus/labels.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nodenap {

/// One series at the evaluation time. NaN and infinities are kept: the reader judges them.
struct Sample {
    std::vector<std::pair<std::string_view, std::string>> labels;  // the names live for ever
    double value = 0;
    // Of the part "clusters" only: those that are in no list of ours.
    std::vector<std::pair<std::string, std::string>> other_labels = {};

    /// Empty where it has no such label, as in Prometheus itself.
    std::string_view label(LabelName name) const { return text_of(name.text); }
    std::string_view text_of(std::string_view name) const;
    bool has(std::string_view name) const;
};

/// The answer of /api/v1/query: a vector, or a scalar as one sample without labels. Takes up the
/// answer and frees it: several answers are never in memory beside what was read of them.
/// The Error's text is a cause for a person: no answer, a refusal, not JSON, another type, a
/// value that is no number, or a warning that the answer may not be whole.
Result<std::vector<Sample>> parse_answer(Result<HttpResponse> answer);

}  // namespace nodenap
