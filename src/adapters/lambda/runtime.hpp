#pragma once

#include "adapters/http/http.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace nodenap {

/// One invocation as the Runtime API hands it over. `deadline` is wall-clock time.
struct Invocation {
    std::string id;
    Time deadline{};
    std::string body;
};

/// What /next answered. A deadline that is no time is one that is over. Error unavailable: another
/// status than 200, or no id that an address can hold.
Result<Invocation> invocation_from(HttpResponse answer);

/// Why an invocation, or the start, failed: "Runtime.…" or a word of ours, and a sentence.
struct Fault {
    std::string type;
    std::string message;
};

/// A client of the Lambda Runtime API, version 2018-06-01.
/// Errors: unavailable or unknown_outcome as Http has them; invalid where the API refuses (4xx).
class LambdaRuntime {
public:
    /// `address` is AWS_LAMBDA_RUNTIME_API, host:port. `http` must outlive this.
    LambdaRuntime(Http& http, const std::string& address);

    /// Waits for the next invocation as long as it takes.
    Result<Invocation> next();
    /// `body` is JSON, at most 6 MB.
    Status respond(const std::string& id, const std::string& body);
    Status fail(const std::string& id, const Fault& fault);
    /// Once, instead of the first next(), where the start failed.
    Status fail_init(const Fault& fault);

private:
    Status post(const std::string& path, const std::string& body,
                const std::vector<std::string>& headers);

    Http& http_;
    std::string base_;
};

/// The answer's JSON, or an Error that becomes the invocation's /error.
using Handler = std::function<Result<std::string>(const Invocation&)>;

/// Takes invocations one after another for as long as the Runtime API answers. A failed one is
/// reported and the loop goes on. Answers the error of a next() that failed three times in a row.
Error serve(LambdaRuntime& runtime, const Handler& handler);

}  // namespace nodenap
