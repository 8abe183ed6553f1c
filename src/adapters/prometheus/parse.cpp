#include "adapters/prometheus/parse.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace nodenap {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t longest_quote = 200;

Error unknown(const std::string& cause) { return {ErrorKind::unavailable, cause}; }

Error broken(simdjson::error_code code) {
    return unknown(std::string("unexpected response from Prometheus, not its JSON (") +
                   simdjson::error_message(code) + ")");
}

/// "12.5", "NaN", "+Inf", "-Inf", as Prometheus writes numbers; independent of the locale.
std::optional<double> number_of(std::string_view text) {
    if (text == "+Inf") return std::numeric_limits<double>::infinity();
    double number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// [time, "value"]
simdjson::error_code read_value(const dom::array& pair, double& value) {
    std::string_view text;
    double time = 0;
    if (pair.size() != 2) return simdjson::INCORRECT_TYPE;
    if (const auto failed = pair.at(0).get_double().get(time)) return failed;
    if (const auto failed = pair.at(1).get_string().get(text)) return failed;
    const auto number = number_of(text);
    if (!number) return simdjson::NUMBER_ERROR;
    value = *number;
    return simdjson::SUCCESS;
}

/// Reserves only for the labels that are kept: four responses that consist of labels must fit into
/// the function's memory.
void make_room(const dom::object& metric, Sample& sample) {
    std::size_t kept = 0;
    for (const auto& field : metric) kept += kept_label(field.key).empty() ? 0 : 1;
    sample.labels.reserve(std::min(kept, read_labels.size()));
}

/// Labels that may tell clusters apart and are not in the list of kept labels, limited in number
/// and length.
void keep_others(const dom::object& metric, Sample& sample) {
    if (sample.label("part") != clusters_part) return;
    for (const auto& field : metric) {
        std::string_view value;
        if (!kept_label(field.key).empty() || field.value.get_string().get(value)) continue;
        const bool is_short = field.key.size() + value.size() <= longest_other_label;
        if (value.empty() || !is_short) continue;
        if (sample.other_labels.size() == most_other_labels) return;
        sample.other_labels.emplace_back(field.key, value);
    }
}

simdjson::error_code read_labels_of(const dom::object& metric, Sample& sample) {
    make_room(metric, sample);
    for (const auto& field : metric) {
        std::string_view value;
        if (const auto failed = field.value.get_string().get(value)) return failed;
        const auto name = kept_label(field.key);
        if (name.empty() || value.empty() || sample.has(name)) continue;
        sample.labels.emplace_back(name, value);
    }
    keep_others(metric, sample);
    return simdjson::SUCCESS;
}

/// {"metric": {…}, "value": [time, "value"]}
simdjson::error_code read_sample(const dom::element& series, Sample& sample) {
    dom::object metric;
    if (const auto failed = series["metric"].get_object().get(metric)) return failed;
    if (const auto failed = read_labels_of(metric, sample)) return failed;
    dom::array pair;
    if (const auto failed = series["value"].get_array().get(pair)) return failed;
    return read_value(pair, sample.value);
}

simdjson::error_code read_vector(const dom::array& result, std::vector<Sample>& samples) {
    for (const auto& series : result)
        if (const auto failed = read_sample(series, samples.emplace_back())) return failed;
    return simdjson::SUCCESS;
}

simdjson::error_code read_data(const dom::object& data, std::vector<Sample>& samples) {
    std::string_view type;
    if (const auto failed = data["resultType"].get_string().get(type)) return failed;
    dom::array result;
    const bool scalar = type == "scalar";
    if (!scalar && type != "vector") return simdjson::INCORRECT_TYPE;
    if (const auto failed = data["result"].get_array().get(result)) return failed;
    return scalar ? read_value(result, samples.emplace_back().value) : read_vector(result, samples);
}

/// A warning means that the response may be incomplete; success if there is none.
std::optional<Error> warned(const dom::object& answer) {
    dom::array warnings;
    const auto failed = answer["warnings"].get_array().get(warnings);
    if (failed == simdjson::NO_SUCH_FIELD) return std::nullopt;
    if (failed) return broken(failed);
    for (const auto& element : warnings) {
        std::string_view text;
        if (element.get_string().get(text)) return broken(simdjson::INCORRECT_TYPE);
        return unknown("Prometheus warns that its answer may be incomplete: " +
                       std::string(text.substr(0, longest_quote)));
    }
    return std::nullopt;
}

/// VictoriaMetrics sets it if a storage node was unavailable.
std::optional<Error> partial(const dom::object& answer) {
    bool is_partial = false;
    const auto failed = answer["isPartial"].get_bool().get(is_partial);
    if (failed == simdjson::NO_SUCH_FIELD) return std::nullopt;
    if (failed) return broken(failed);
    if (!is_partial) return std::nullopt;
    return unknown("Prometheus returned a partial answer (isPartial)");
}

/// {"status": "error", "errorType": "bad_data", "error": "…"}; empty for anything else.
std::string complaint(const std::string& body) {
    dom::parser parser;
    std::string_view said;
    if (parser.parse(body)["error"].get_string().get(said)) return {};
    return ": " + std::string(said.substr(0, longest_quote));
}

/// The parser validates the whole text before any of it is read, so a truncated or damaged response
/// is rejected.
Result<std::vector<Sample>> parse_body(const std::string& body) {
    dom::parser parser;
    dom::object answer;
    if (const auto failed = parser.parse(body).get_object().get(answer)) return broken(failed);
    std::string_view status;
    if (const auto failed = answer["status"].get_string().get(status)) return broken(failed);
    if (status != "success")
        return unknown("Prometheus could not evaluate the query" + complaint(body));
    dom::object data;
    std::vector<Sample> samples;
    if (const auto failed = answer["data"].get_object().get(data)) return broken(failed);
    if (const auto failed = read_data(data, samples)) return broken(failed);
    if (auto warning = warned(answer)) return *std::move(warning);
    if (auto part = partial(answer)) return *std::move(part);
    return samples;
}

}  // namespace

bool Sample::has(std::string_view name) const {
    return std::ranges::any_of(labels, [&](const auto& label) { return label.first == name; });
}

std::string_view Sample::text_of(std::string_view name) const {
    for (const auto& [key, text] : labels)
        if (key == name) return text;
    for (const auto& [key, text] : other_labels)
        if (key == name) return text;
    return {};
}

Result<std::vector<Sample>> parse_answer(Result<HttpResponse> answer) {
    if (!answer) return unknown("Prometheus did not answer: " + answer.error().text);
    if (answer->status != 200)
        return unknown("Prometheus answered HTTP " + std::to_string(answer->status) +
                       complaint(answer->body));
    return parse_body(answer->body);
}

}  // namespace nodenap
