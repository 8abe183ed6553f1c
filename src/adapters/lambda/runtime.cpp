#include "adapters/lambda/runtime.hpp"

#include "adapters/json/decision_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <thread>
#include <utility>

namespace nodenap {

namespace {

/// An environment may be frozen for hours between invocations; libcurl's timeout has 31 bits.
constexpr Milliseconds as_long_as_it_takes = std::chrono::hours(24 * 20);
constexpr Milliseconds call_timeout = std::chrono::seconds(10);
constexpr std::size_t longest_event = std::size_t{8} << 20;
constexpr int most_failures = 3;
constexpr Milliseconds pause_after_failure{200};

std::string fault_json(const Fault& fault) {
    const nlohmann::ordered_json out = {{"errorMessage", fault.message},
                                        {"errorType", fault.type},
                                        {"stackTrace", nlohmann::ordered_json::array()}};
    return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::vector<std::string> fault_headers(const Fault& fault) {
    return {"Lambda-Runtime-Function-Error-Type: " + fault.type};
}

std::string_view kind_word(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::unavailable:
            return "Unavailable";
        case ErrorKind::throttled:
            return "Throttled";
        case ErrorKind::conflict:
            return "Conflict";
        case ErrorKind::no_capacity:
            return "NoCapacity";
        case ErrorKind::denied:
            return "Denied";
        case ErrorKind::invalid:
            return "Invalid";
        case ErrorKind::unknown_outcome:
            return "UnknownOutcome";
    }
    return "Unknown";
}

/// The error's code if it has one. It is sent in a header, so only characters of a name are
/// allowed.
std::string fault_type(const Error& error) {
    const auto belongs = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_';
    };
    if (!error.code.empty() && std::ranges::all_of(error.code, belongs)) return error.code;
    return "Nodenap." + std::string(kind_word(error.kind));
}

/// Answers one invocation. If the API refuses the body, the invocation is reported as failed.
void answer(LambdaRuntime& runtime, const Invocation& invocation, const Result<std::string>& body) {
    auto failure = body ? std::optional<Error>() : body.error();
    if (body) {
        const auto sent = runtime.respond(invocation.id, *body);
        if (!sent && sent.error().kind == ErrorKind::invalid) failure = sent.error();
    }
    // If the report is lost, Lambda ends the invocation at its deadline anyway.
    if (failure)
        static_cast<void>(runtime.fail(invocation.id, {fault_type(*failure), failure->text}));
}

// --- the response of /next -----------------------------------------------------------------------

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

LambdaRuntime::LambdaRuntime(Http& http, const std::string& address)
    : http_(http), base_("http://" + address + "/2018-06-01/runtime") {}

Result<Invocation> LambdaRuntime::next() {
    HttpRequest request;
    request.url = base_ + "/invocation/next";
    request.timeout = as_long_as_it_takes;
    request.most_bytes = longest_event;
    auto response = http_.send(request);
    if (!response) return response.error();
    return invocation_from(std::move(*response));
}

Status LambdaRuntime::respond(const std::string& id, const std::string& body) {
    return post("/invocation/" + id + "/response", body, {});
}

Status LambdaRuntime::fail(const std::string& id, const Fault& fault) {
    return post("/invocation/" + id + "/error", fault_json(fault), fault_headers(fault));
}

Status LambdaRuntime::fail_init(const Fault& fault) {
    return post("/init/error", fault_json(fault), fault_headers(fault));
}

Status LambdaRuntime::post(const std::string& path, const std::string& body,
                           const std::vector<std::string>& headers) {
    HttpRequest request;
    request.method = "POST";
    request.url = base_ + path;
    request.headers = headers;
    request.headers.emplace_back("Content-Type: application/json");
    request.body = body;
    request.timeout = call_timeout;
    const auto response = http_.send(request);
    if (!response) return response.error();
    if (response->status / 100 == 2) return Done{};
    const auto kind = response->status / 100 == 4 ? ErrorKind::invalid : ErrorKind::unavailable;
    return Error{kind, "the Runtime API answered " + path + " with HTTP " +
                           std::to_string(response->status)};
}

Error serve(LambdaRuntime& runtime, const Handler& handler) {
    for (int failures = 0;;) {
        const auto invocation = runtime.next();
        if (invocation) {
            failures = 0;
            answer(runtime, *invocation, handler(*invocation));
            continue;
        }
        if (++failures == most_failures) return invocation.error();
        std::this_thread::sleep_for(pause_after_failure);
    }
}

}  // namespace nodenap
