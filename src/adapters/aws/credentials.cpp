#include "adapters/aws/credentials.hpp"

#include "adapters/http/text.hpp"
#include "base/time_text.hpp"
#include "controller/error_codes.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>

namespace nodenap {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds before_expiry = 5min;
constexpr Milliseconds patience = 2s;  // these services are on the same machine
constexpr std::size_t most_bytes = 64 << 10;
constexpr std::string_view container_host = "http://169.254.170.2";

// Over plain HTTP a token is sent only to local addresses, as in the SDKs.
bool may_be_asked(const std::string& url) {
    static constexpr std::array<std::string_view, 6> near = {
        "127.0.0.1", "localhost", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
    if (url.starts_with("https://")) return true;
    std::string host = host_of(url);
    if (const std::size_t colon = host.rfind(':');
        colon != std::string::npos && host.find(']', colon) == std::string::npos) {
        host.resize(colon);
    }
    return url.starts_with("http://") && std::ranges::find(near, host) != near.end();
}

std::string text_at(const simdjson::dom::element& object, const char* name) {
    std::string_view value;
    return object[name].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

// The document that both the container's and the instance's service return.
Result<AwsCredentials> parse(const std::string& body, const std::string& who) {
    const Error unreadable{ErrorKind::unavailable, who + " returned unreadable credentials"};
    simdjson::dom::parser parser;
    simdjson::dom::element object;
    if (parser.parse(body).get(object) != simdjson::SUCCESS) return unreadable;
    AwsCredentials found{text_at(object, "AccessKeyId"), Secret(text_at(object, "SecretAccessKey")),
                         Secret(text_at(object, "Token")),
                         time_from_text(text_at(object, "Expiration"))};
    if (found.access_key_id.empty() || found.secret_access_key.empty()) return unreadable;
    return found;
}

std::string without_end(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    return url;
}

}  // namespace

Result<AwsCredentials> Credentials::get(Time now) {
    if (kept_ && (!kept_->expires_at || now + before_expiry < *kept_->expires_at)) return *kept_;
    auto fresh = ask();
    if (!fresh && kept_ && now < kept_->expires_at.value_or(now))
        return *kept_;  // still valid for a while
    if (fresh) {
        kept_ = *fresh;
    } else {
        kept_.reset();
    }
    return fresh;
}

bool Credentials::in_environment() const {
    return !sources_.access_key_id.empty() || !sources_.secret_access_key.empty();
}

bool Credentials::in_container() const {
    return !sources_.container_relative_uri.empty() || !sources_.container_full_uri.empty();
}

std::string_view Credentials::source() const {
    if (in_environment()) return "the environment (AWS_ACCESS_KEY_ID)";
    if (profile_ != nullptr) return profile_->name();
    if (in_container()) return "the container's credential service";
    return "the instance metadata service (IMDS)";
}

Result<AwsCredentials> Credentials::ask() {
    if (in_environment()) return ask_environment();
    if (profile_ != nullptr) return profile_->get();
    if (in_container()) return ask_container();
    if (!sources_.imds_disabled) return ask_instance();
    return Error{ErrorKind::denied,
                 "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or for the "
                 "command AWS_PROFILE",
                 no_credentials};
}

Result<AwsCredentials> Credentials::ask_environment() const {
    if (sources_.access_key_id.empty() || sources_.secret_access_key.empty()) {
        return Error{ErrorKind::invalid,
                     "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set together"};
    }
    return AwsCredentials{sources_.access_key_id, sources_.secret_access_key,
                          sources_.session_token};
}

Result<AwsCredentials> Credentials::ask_container() {
    const std::string url = sources_.container_relative_uri.empty()
                                ? sources_.container_full_uri
                                : std::string(container_host) + sources_.container_relative_uri;
    if (!may_be_asked(url)) {
        return Error{ErrorKind::invalid,
                     "AWS_CONTAINER_CREDENTIALS_FULL_URI must use https, or http to this machine"};
    }
    HttpRequest request{.url = url};
    if (!sources_.container_token.empty()) {
        const std::string& token = sources_.container_token.reveal();
        if (token.find_first_of("\r\n") != std::string::npos) {
            return Error{ErrorKind::invalid,
                         "the container's authorization token has more than one line"};
        }
        request.headers.push_back("Authorization: " + token);
    }
    const std::string who = "the container's credential service (" + host_of(url) + ")";
    const auto body = fetch(std::move(request), who);
    if (!body) return body.error();
    return parse(*body, who);
}

Result<AwsCredentials> Credentials::ask_instance() {
    const std::string base = without_end(sources_.imds_endpoint);
    const std::string who = "the instance metadata service (" + host_of(base) + ")";
    const auto token = fetch({.method = "PUT",
                              .url = base + "/latest/api/token",
                              .headers = {"X-aws-ec2-metadata-token-ttl-seconds: 300"},
                              .repeatable = true},
                             who);
    if (!token) return token.error();
    const std::vector<std::string> headers = {"X-aws-ec2-metadata-token: " + *token};
    const std::string roles = base + "/latest/meta-data/iam/security-credentials/";
    const auto listed = fetch({.url = roles, .headers = headers}, who);
    if (!listed) return listed.error();
    const std::string role = listed->substr(0, listed->find_first_of("\r\n"));
    const auto body = fetch({.url = roles + role, .headers = headers}, who);
    if (!body) return body.error();
    return parse(*body, who);
}

Result<std::string> Credentials::fetch(HttpRequest request, const std::string& who) {
    request.timeout = patience;
    request.most_bytes = most_bytes;
    auto got = http_.send(request);
    if (!got) {
        return Error{ErrorKind::unavailable,
                     "no AWS credentials in the environment, and " + who +
                         " does not answer: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                         "run where a role is attached (" +
                         got.error().text + ")"};
    }
    if (got->status == 200) return std::move(got->body);
    const std::string said = who + " answered " + std::to_string(got->status);
    if (got->status >= 500) return Error{ErrorKind::unavailable, said};
    if (got->status == 404) {
        return Error{ErrorKind::denied, said + ": attach a role with Nodenap's permissions",
                     no_credentials};
    }
    return Error{ErrorKind::denied, said, no_credentials};
}

}  // namespace nodenap
