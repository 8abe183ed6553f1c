#pragma once

#include "adapters/http/http.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace nodenap {

/// One invocation as the Runtime API delivers it. `deadline` is wall-clock time.
struct Invocation {
    std::string id;
    Time deadline{};
    std::string body;
};

/// Parses the response of /next. An invalid deadline counts as passed. Error unavailable: a status
/// other than 200, or an id that is not a valid URL path segment.
Result<Invocation> invocation_from(HttpResponse answer);

/// Why an invocation or the start failed: a type ("Runtime.…" or Nodenap's own) and a sentence.
struct Fault {
    std::string type;
    std::string message;
};

/// A client of the Lambda Runtime API, version 2018-06-01. Errors: unavailable or unknown_outcome
/// as from Http; invalid if the API refuses (4xx).
class LambdaRuntime {
public:
    /// `address` is AWS_LAMBDA_RUNTIME_API, host:port. `http` must outlive this.
    LambdaRuntime(Http& http, const std::string& address);

    /// Waits for the next invocation without a timeout.
    Result<Invocation> next();
    /// `body` is JSON, at most 6 MB.
    Status respond(const std::string& id, const std::string& body);
    Status fail(const std::string& id, const Fault& fault);
    /// Called once, instead of the first next(), if the start failed.
    Status fail_init(const Fault& fault);

private:
    Status post(const std::string& path, const std::string& body,
                const std::vector<std::string>& headers);

    Http& http_;
    std::string base_;
};

/// The response's JSON, or an Error that is reported to the invocation's /error.
using Handler = std::function<Result<std::string>(const Invocation&)>;

/// Handles invocations one after another as long as the Runtime API answers. Failed ones are
/// reported and the loop continues. Returns the error of next() if it failed three times in a row.
Error serve(LambdaRuntime& runtime, const Handler& handler);

}  // namespace nodenap
