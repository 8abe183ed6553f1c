#include "app/cli/doctor_report.hpp"
#include "app/cli/output_json.hpp"
#include "app/cli/table.hpp"

#include "base/harmless.hpp"

#include "decide/explain.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace nodenap {
namespace {

using Json = nlohmann::ordered_json;

constexpr CheckStatus worst_first[] = {CheckStatus::failed, CheckStatus::warning,
                                       CheckStatus::not_checked, CheckStatus::not_yet};

std::int64_t count_of(const std::vector<Check>& checks, CheckStatus status) {
    return std::ranges::count_if(checks,
                                 [&](const Check& one) { return one.finding.status == status; });
}

Tint tint_of(CheckStatus status) {
    switch (status) {
        case CheckStatus::ok:
            return Tint::good;
        case CheckStatus::warning:
            return Tint::warn;
        case CheckStatus::failed:
            return Tint::bad;
        case CheckStatus::not_checked:
        case CheckStatus::not_yet:
            return Tint::dim;
    }
    return Tint::plain;
}

std::string summary(const std::vector<Check>& checks, const Style& style) {
    const auto failed = count_of(checks, CheckStatus::failed);
    const auto not_yet = count_of(checks, CheckStatus::not_yet);
    const std::string text =
        fmt::format("{}: {} ok, {}, {} failed, {} skipped{}.", counted(std::ssize(checks), "check"),
                    count_of(checks, CheckStatus::ok),
                    counted(count_of(checks, CheckStatus::warning), "warning"), failed,
                    count_of(checks, CheckStatus::not_checked),
                    not_yet == 0 ? "" : fmt::format(", {} not yet", not_yet));
    return tinted(text, failed > 0 ? Tint::bad : Tint::strong, style) + "\n";
}

Table table_of(const std::vector<Check>& checks) {
    Table table({"STATUS", "CHECK", "DETAIL"});
    for (const Check& one : checks) {
        table.add({std::string(word(one.finding.status)), one.name, one.finding.seen});
    }
    return table;
}

/// The contract of the JSON output has "not checked" for what the table calls "skipped".
std::string_view json_word(CheckStatus status) {
    return status == CheckStatus::not_checked ? "not checked" : word(status);
}

/// The worst first: what to do about each.
std::string advice_text(const std::vector<Check>& checks, const Style& style) {
    std::string text;
    for (const CheckStatus status : worst_first) {
        for (const Check& one : checks) {
            if (one.finding.status != status || one.finding.advice.empty()) continue;
            const std::string title = fmt::format("{} ({})", one.name, word(status));
            text += fmt::format(
                "  {}\n    {}\n", tinted(harmless(title), tint_of(status), style),
                wrapped(harmless(one.finding.advice), style.width > 8 ? style.width - 4 : 0, 4));
        }
    }
    return text.empty() ? "" : "\n" + tinted("What to do", Tint::strong, style) + "\n" + text;
}

}  // namespace

std::string doctor_text(const std::vector<Check>& checks, const Style& style) {
    return table_of(checks).text(style) + advice_text(checks, style) + "\n" +
           summary(checks, style);
}

std::string doctor_json(const std::vector<Check>& checks) {
    auto list = Json::array();
    for (const Check& one : checks) {
        const std::string& advice = one.finding.advice;
        list.push_back({{"check", one.name},
                        {"result", json_word(one.finding.status)},
                        {"seen", one.finding.seen},
                        {"advice", advice.empty() ? Json() : Json(advice)}});
    }
    return document_text({{"version", 1}, {"checks", list}});
}

}  // namespace nodenap
