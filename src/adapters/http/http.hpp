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

/// Signature version 4 by libcurl, for POST to "/" with a body (all that Nodenap sends).
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
    // A longer response is an error: four responses and their parsed contents fit into 128 MB.
    std::size_t most_bytes = std::size_t{4} << 20;
    std::optional<AwsSigning> signing = std::nullopt;
    // Whether it may be sent again if a kept-alive connection turns out to be dead. GET always may.
    bool repeatable = false;
};

/// A complete response with any status; a truncated one is an Error. Header names are in lower
/// case.
struct HttpResponse {
    int status = 0;
    std::map<std::string, std::string> headers;
    std::string body;
};

struct HttpOptions {
    std::string root_certificates_pem;  // the only trusted roots
    std::function<void(bool before)> on_call =
        {};  // around each request, for tests that kill the process
    // A request that must not be sent twice uses no connection that was idle for longer: the server
    // may have closed it while this process was frozen, and it would be unknown whether the request
    // was received.
    Milliseconds longest_idle_before_write = std::chrono::seconds(20);
};

/// The HTTP client interface of all adapters. Errors: unavailable (nothing was sent: DNS,
/// connection refused, TLS), unknown_outcome (sent, but the response timed out, was truncated or
/// too long).
class Http {
public:
    virtual ~Http() = default;
    /// One response per request, in the same order; each request has its own deadline.
    virtual std::vector<Result<HttpResponse>> send(const std::vector<HttpRequest>& requests) = 0;
    Result<HttpResponse> send(const HttpRequest& request);
};

/// HTTP over the network. Connections are kept between calls; a batch is sent in parallel. Proxies,
/// redirects and environment variables are ignored.
class NetworkHttp final : public Http {
public:
    explicit NetworkHttp(HttpOptions options);
    ~NetworkHttp() override;
    NetworkHttp(const NetworkHttp&) = delete;
    NetworkHttp& operator=(const NetworkHttp&) = delete;

    using Http::send;
    std::vector<Result<HttpResponse>> send(const std::vector<HttpRequest>& requests) override;

    /// Builds the TLS context with its roots now, so that the first call is not delayed.
    void warm_up();

private:
    class Engine;
    std::unique_ptr<Engine> engine_;
};

}  // namespace nodenap
