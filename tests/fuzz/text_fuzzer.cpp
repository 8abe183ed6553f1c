// Short texts from users and servers: durations, times, addresses, and environment variables.

#include "adapters/http/text.hpp"
#include "adapters/prometheus/queries.hpp"
#include "app/config.hpp"
#include "app/config_reader.hpp"
#include "base/harmless.hpp"
#include "base/percent.hpp"
#include "base/time_text.hpp"
#include "fuzz/fuzz.hpp"

#include <charconv>

namespace nodenap::fuzz {
namespace {

constexpr auto year = std::chrono::hours(24 * 366);

void try_duration(std::string_view input) {
    const auto span = parse_duration(input);
    if (!span) return;
    claim(span->count() >= 0 && *span <= 5 * year, "a duration is bounded");
    if (*span <= year)
        claim(parse_duration(promql_duration(*span)) == span, "Prometheus's duration is ours");
}

void try_time(std::string_view input) {
    constexpr Time first{std::chrono::sys_days(std::chrono::year(1) / 1 / 1)};
    constexpr Time last{std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)};
    for (const auto& time : {time_from_text(input), time_from_http(input)}) {
        if (!time || *time < first || *time >= last) continue;
        claim(time_from_text(time_text(*time)) == std::chrono::floor<std::chrono::seconds>(*time),
              "a time that was written is read as it was");
    }
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        unsigned byte = 0;
        const auto* digits = text.data() + at + 1;
        claim(
            at + 2 < text.size() && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2,
            "two digits follow a percent sign");
        out += static_cast<char>(byte);
        at += 2;
    }
    return out;
}

void try_harmless(std::string_view input) {
    for (const auto& clean : {harmless(input), harmless_lines(input)}) {
        claim(clean.find_first_of("\033\x7F\r\a") == clean.npos, "no terminal obeys it");
        claim(clean.find("\u202E") == clean.npos, "no text turns round");
        claim(clean.size() <= input.size(), "nothing is added");
        claim(harmless_lines(clean) == clean, "once is enough");
    }
    const auto json = harmless_json(input);
    claim(harmless_json(json) == json && json.find('\033') == json.npos, "nor is it in JSON");
}

void try_address(std::string_view input) {
    const auto encoded = percent_encoded(input);
    claim(encoded.find_first_of("&=+ #?/\"") == encoded.npos, "no sign of a form is left");
    claim(percent_decoded(encoded) == input, "what was encoded is decoded as it was");
    claim(host_of(std::string(input)).find_first_of("@/?#") == std::string::npos,
          "a host has neither a user nor a path");
}

void try_environment(std::string_view input) {
    const std::string value(input);
    const auto environment = environment_from([&](const std::string& name) {
        const bool is_file = name.ends_with("_FILE");
        return is_file ? std::nullopt : std::optional(value);
    });
    claim(environment.clock_wrong_by <= 100 * year && environment.clock_wrong_by >= -100 * year,
          "a wrong clock can be reckoned with");
}

}  // namespace

void try_input(std::string_view input) {
    try_duration(input);
    try_time(input);
    try_address(input);
    try_harmless(input);
    try_environment(input);
}

}  // namespace nodenap::fuzz
