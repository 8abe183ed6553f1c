#include "app/cli/output_json.hpp"

#include "adapters/json/decision_json.hpp"
#include "decide/explain.hpp"

#include <array>
#include <cmath>

namespace nodenap {
namespace {

using Json = nlohmann::ordered_json;

/// Without the last digits of binary fractions: 42.34, not 42.339999999999996.
double without_noise(double value) {
    const double size = std::abs(value);
    if (size == 0 || !std::isfinite(value)) return value;
    const double decimals = size >= 0.001 ? 6 : 3 - std::floor(std::log10(size));
    const double scale = std::pow(10.0, decimals);
    return std::round(value * scale) / scale;
}

void clean(Json& value) {
    if (value.is_structured()) {
        for (auto& part : value) clean(part);
    } else if (value.is_number_float()) {
        value = without_noise(value.get<double>());
    }
}

std::string dumped(const Json& document, int indent) {
    return document.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

std::string_view word(ErrorKind kind) {
    constexpr std::array<std::string_view, 7> words = {"unavailable",    "throttled", "conflict",
                                                       "no_capacity",    "denied",    "invalid",
                                                       "unknown_outcome"};
    return words.at(static_cast<std::size_t>(kind));
}

Json error_of(const Error& error, std::string_view text, std::string_view advice) {
    return {{"kind", word(error.kind)},
            {"code", text_or_null(error.code)},
            {"text", text},
            {"advice", advice}};
}

Json faults_of(const std::vector<Diagnostic>& faults) {
    Json list = Json::array();
    for (const auto& [line, key, message] : faults) {
        list.push_back({{"line", line == 0 ? Json() : Json(line)},
                        {"key", text_or_null(key)},
                        {"message", message}});
    }
    return list;
}

}  // namespace

std::string document_text(Json document) {
    clean(document);
    return dumped(document, 2);
}

std::string whole_record_json(const Record& record) {
    Json out = Json::parse(plan_json(record.plan), nullptr, false);
    out["epoch"] = record.epoch;
    out["trigger"] = record.trigger;
    auto& done = out["done"] = Json::array();
    for (const Effect& effect : record.done) {
        done.push_back({{"kind", effect.kind},
                        {"id", effect.id},
                        {"instance_type", text_or_null(effect.instance_type)},
                        {"result", effect.result},
                        {"error", effect.error ? Json(*effect.error) : Json()}});
    }
    return dumped(out, -1);
}

std::string history_document(const std::string& cluster, const std::vector<Record>& records) {
    std::string out =
        "{\"version\": 1, \"cluster\": " + dumped(Json(cluster), -1) + ", \"records\": [";
    for (const auto& record : records) {
        out += &record == records.data() ? "\n" : ",\n";
        out += whole_record_json(record);
    }
    return out + (records.empty() ? "]}" : "\n]}");
}

std::string failure_json(const Error& error, std::string_view text, std::string_view advice) {
    return dumped({{"version", 1}, {"error", error_of(error, text, advice)}}, -1);
}

std::string verdict_json(const std::string& file, const std::vector<Diagnostic>& faults) {
    return document_text(
        {{"version", 1}, {"file", file}, {"ok", faults.empty()}, {"faults", faults_of(faults)}});
}

std::string refusal_json(const std::string& file, const std::vector<Diagnostic>& faults) {
    const Error error{ErrorKind::invalid, "", "configuration"};
    return dumped({{"version", 1},
                   {"error", error_of(error, counted(std::ssize(faults), "fault") + " in " + file,
                                      "Fix the file; `nodenap config check` lists its faults.")},
                   {"file", file},
                   {"faults", faults_of(faults)}},
                  -1);
}

}  // namespace nodenap
