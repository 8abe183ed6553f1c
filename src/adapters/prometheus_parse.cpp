#include "adapters/prometheus_parse.hpp"

#include <simdjson.h>

#include <charconv>
#include <limits>
#include <optional>

namespace nodenap {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t longest_quote = 200;

Error unknown(const std::string& cause) { return {ErrorKind::unavailable, cause}; }

Error broken(simdjson::error_code code) {
    return unknown(std::string("Prometheus answered something that is not its JSON (") +
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
simdjson::error_code read_value(ondemand::array pair, double& value) {
    std::size_t at = 0;
    for (auto element : pair) {
        if (at++ == 0) {
            double time = 0;
            if (const auto failed = element.get_double().get(time)) return failed;
            continue;
        }
        std::string_view text;
        if (const auto failed = element.get_string().get(text)) return failed;
        const auto number = number_of(text);
        if (!number) return simdjson::NUMBER_ERROR;
        value = *number;
    }
    return at == 2 ? simdjson::SUCCESS : simdjson::INCORRECT_TYPE;
}

simdjson::error_code read_labels(ondemand::object metric, Sample& sample) {
    for (auto field : metric) {
        std::string_view name;
        std::string_view value;
        if (const auto failed = field.unescaped_key().get(name)) return failed;
        sample.labels.emplace_back(name, std::string());
        if (const auto failed = field.value().get_string().get(value)) return failed;
        sample.labels.back().second = value;
    }
    return simdjson::SUCCESS;
}

/// {"metric": {…}, "value": [time, "value"]}
simdjson::error_code read_sample(ondemand::object series, Sample& sample) {
    ondemand::object metric;
    if (const auto failed = series["metric"].get_object().get(metric)) return failed;
    if (const auto failed = read_labels(metric, sample)) return failed;
    ondemand::array pair;
    if (const auto failed = series["value"].get_array().get(pair)) return failed;
    return read_value(pair, sample.value);
}

simdjson::error_code read_vector(ondemand::array result, std::vector<Sample>& samples) {
    for (auto element : result) {
        ondemand::object series;
        if (const auto failed = element.get_object().get(series)) return failed;
        if (const auto failed = read_sample(series, samples.emplace_back())) return failed;
    }
    return simdjson::SUCCESS;
}

simdjson::error_code read_data(ondemand::object data, std::vector<Sample>& samples) {
    std::string_view type;
    if (const auto failed = data["resultType"].get_string().get(type)) return failed;
    ondemand::array result;
    const bool scalar = type == "scalar";
    if (!scalar && type != "vector") return simdjson::INCORRECT_TYPE;
    if (const auto failed = data["result"].get_array().get(result)) return failed;
    return scalar ? read_value(result, samples.emplace_back().value) : read_vector(result, samples);
}

/// A warning says that Prometheus found no more than a part of the answer; success without one.
std::optional<Error> warned(ondemand::document& document) {
    ondemand::array warnings;
    const auto failed = document["warnings"].get_array().get(warnings);
    if (failed == simdjson::NO_SUCH_FIELD) return std::nullopt;
    if (failed) return broken(failed);
    for (auto element : warnings) {
        std::string_view text = "it does not say what";
        if (element.get_string().get(text)) return broken(simdjson::INCORRECT_TYPE);
        return unknown("Prometheus warns that its answer may not be whole: " +
                       std::string(text.substr(0, longest_quote)));
    }
    return std::nullopt;
}

/// {"status": "error", "errorType": "bad_data", "error": "…"}; anything else answers nothing.
std::string complaint(const std::string& body) {
    ondemand::parser parser;
    const simdjson::padded_string text(body);
    ondemand::document document;
    std::string_view said;
    if (parser.iterate(text).get(document) || document["error"].get_string().get(said)) return {};
    return ": " + std::string(said.substr(0, longest_quote));
}

Result<std::vector<Sample>> parse_body(const std::string& body) {
    ondemand::parser parser;
    const simdjson::padded_string text(body);
    ondemand::document document;
    if (const auto failed = parser.iterate(text).get(document)) return broken(failed);
    std::string_view status;
    if (const auto failed = document["status"].get_string().get(status)) return broken(failed);
    if (status != "success") return unknown("Prometheus could not answer" + complaint(body));
    ondemand::object data;
    std::vector<Sample> samples;
    if (const auto failed = document["data"].get_object().get(data)) return broken(failed);
    if (const auto failed = read_data(data, samples)) return broken(failed);
    if (auto warning = warned(document)) return *std::move(warning);
    return samples;
}

}  // namespace

std::string_view Sample::label(std::string_view name) const {
    for (const auto& [key, text] : labels)
        if (key == name) return text;
    return {};
}

Result<std::vector<Sample>> parse_answer(const Result<HttpResponse>& answer) {
    if (!answer) return unknown("Prometheus did not answer: " + answer.error().text);
    if (answer->status != 200)
        return unknown("Prometheus answered HTTP " + std::to_string(answer->status) +
                       complaint(answer->body));
    return parse_body(answer->body);
}

}  // namespace nodenap
