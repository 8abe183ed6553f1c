#pragma once

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/units.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// Signature version 4, made by libcurl: right for POST to "/" with the body (all that we send).
struct AwsSigning {
    std::string region;
    std::string service;
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token;  // may be empty
};

struct HttpRequest {
    std::string method = "GET";
    std::string url;
    std::vector<std::string> headers = {};  // "Name: value"
    std::string body = {};
    Milliseconds timeout = std::chrono::seconds(5);  // for the whole exchange
    // A longer answer is an error: four of them and what is read of them fit into 128 MB.
    std::size_t most_bytes = std::size_t{4} << 20;
    std::optional<AwsSigning> signing = std::nullopt;
    // Whether it may reach the peer twice, when a kept connection turns out dead. GET always may.
    bool repeatable = false;
};

/// Any status is a response; only a whole one: a cut answer is an Error. Header names in lower
/// case.
struct HttpResponse {
    int status = 0;
    std::map<std::string, std::string> headers;
    std::string body;
};

struct HttpOptions {
    std::string root_certificates_pem;              // all that is trusted; no file, no environment
    std::function<void(bool before)> on_call = {};  // around each request, for tests that kill us
    // A request that must not be sent twice goes on no connection that rested for longer: while we
    // were frozen its peer may have given up, and then nobody could tell whether it was heard.
    Milliseconds longest_idle_before_write = std::chrono::seconds(20);
};

/// What every adapter speaks through. Errors: unavailable (nothing was sent: no name, refused,
/// TLS), unknown_outcome (sent, and the answer is late, cut or too long).
class Http {
public:
    virtual ~Http() = default;
    /// One answer for each request, in order; each has its own deadline.
    virtual std::vector<Result<HttpResponse>> send(const std::vector<HttpRequest>& requests) = 0;
    Result<HttpResponse> send(const HttpRequest& request);
};

/// HTTP over the network. Connections are kept between calls; a batch goes out at once.
/// No proxy, no redirect, no environment variable is followed.
class NetworkHttp final : public Http {
public:
    explicit NetworkHttp(HttpOptions options);
    ~NetworkHttp() override;
    NetworkHttp(const NetworkHttp&) = delete;
    NetworkHttp& operator=(const NetworkHttp&) = delete;

    using Http::send;
    std::vector<Result<HttpResponse>> send(const std::vector<HttpRequest>& requests) override;

    /// Builds the TLS context and its roots now, so that the first call does not pay for it.
    void warm_up();

private:
    class Engine;
    std::unique_ptr<Engine> engine_;
};

}  // namespace nodenap
