#include "adapters/lambda/runtime.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

namespace nodenap {

namespace {

std::string header(const HttpResponse& answer, const std::string& name) {
    const auto found = answer.headers.find(name);
    return found == answer.headers.end() ? std::string() : found->second;
}

/// Times beyond these are invalid and would overflow.
constexpr Time earliest{};
constexpr Time latest = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1) - Milliseconds{1};

Time deadline_of(const HttpResponse& answer) {
    const auto text = header(answer, "lambda-runtime-deadline-ms");
    std::int64_t milliseconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), milliseconds);
    return std::clamp(Time(Milliseconds(milliseconds)), earliest, latest);
}

/// It becomes a segment of a URL path.
bool is_id(const std::string& text) {
    const auto belongs = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    };
    return !text.empty() && std::ranges::all_of(text, belongs);
}

}  // namespace

Result<Invocation> invocation_from(HttpResponse answer) {
    if (answer.status != 200)
        return Error{ErrorKind::unavailable,
                     "the Runtime API answered /next with HTTP " + std::to_string(answer.status)};
    Invocation out;
    out.id = header(answer, "lambda-runtime-aws-request-id");
    if (!is_id(out.id))
        return Error{ErrorKind::unavailable,
                     "the Runtime API returned an invocation without a request id"};
    out.deadline = deadline_of(answer);
    out.body = std::move(answer.body);
    return out;
}

}  // namespace nodenap
