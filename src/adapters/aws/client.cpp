#include "adapters/aws/client.hpp"

#include "base/crc32.hpp"
#include "base/harmless.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace nodenap {

namespace {

using namespace std::chrono_literals;

constexpr int most_tries = 4;
constexpr Milliseconds longest_pause = 2s;
// An attempt needs at least this long to succeed.
constexpr Milliseconds shortest_try = 50ms;
constexpr Milliseconds shortest_retry = 300ms;
constexpr std::size_t longest_quote = 200;

// The protocol of a service. Without a target prefix the body is a form that contains the
// operation.
struct Dialect {
    std::string_view service;
    bool by_ipv6;  // use the dual-stack endpoint where the region has one
    std::string_view content_type;
    std::string_view target_prefix;
    Milliseconds first_pause;
};

constexpr Dialect dialects[] = {
    {"dynamodb", false, "application/x-amz-json-1.0", "DynamoDB_20120810.", 50ms},
    {"ssm", true, "application/x-amz-json-1.1", "AmazonSSM.", 100ms},
    {"ec2", true, "application/x-www-form-urlencoded; charset=utf-8", "", 200ms},
    // Used only by the command; the Lambda function cannot reach it.
    {"servicequotas", false, "application/x-amz-json-1.1", "ServiceQuotasV20190624.", 100ms},
    {"sts", false, "application/x-www-form-urlencoded; charset=utf-8", "", 100ms},
    // A global service: one endpoint, signed for the first region.
    {"iam", false, "application/x-www-form-urlencoded; charset=utf-8", "", 100ms},
};

constexpr std::string_view iam_host = "iam.amazonaws.com";
constexpr std::string_view iam_region = "us-east-1";

/// Regions with dual-stack endpoints of EC2 and Systems Manager, the same list as in infra/. The
/// function can only run there, since it has no IPv4 egress.
constexpr std::string_view dual_stack_regions[] = {
    "af-south-1",     "ap-east-1",      "ap-northeast-1", "ap-northeast-2", "ap-south-1",
    "ap-southeast-1", "ap-southeast-2", "ca-central-1",   "eu-central-1",   "eu-north-1",
    "eu-south-1",     "eu-west-1",      "eu-west-2",      "eu-west-3",      "me-south-1",
    "sa-east-1",      "us-east-1",      "us-east-2",      "us-west-1",      "us-west-2"};

std::string_view domain_of(const Dialect& dialect, std::string_view region) {
    const bool is_dual_stack =
        std::ranges::find(dual_stack_regions, region) != std::end(dual_stack_regions);
    return dialect.by_ipv6 && is_dual_stack ? ".api.aws" : ".amazonaws.com";
}

const Dialect& dialect_of(std::string_view service) {
    const auto found = std::ranges::find(dialects, service, &Dialect::service);
    return found == std::end(dialects) ? dialects[2] : *found;
}

std::string endpoint_of(const AwsSettings& settings, const std::string& service) {
    const auto own = settings.service_endpoints.find(service);
    std::string url = own != settings.service_endpoints.end() ? own->second : settings.endpoint;
    if (url.empty() && service == "iam") {
        url = "https://";
        url += iam_host;
    } else if (url.empty()) {
        url = "https://" + service + "." + settings.region;
        url += domain_of(dialect_of(service), settings.region);
    }
    while (url.ends_with('/')) url.pop_back();
    return url + "/";
}

// The region becomes part of a host name to which the session token is sent.
bool may_be_in_a_host(std::string_view region) {
    return region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == region.npos;
}

// One line without control characters and of limited length.
std::string quoted(const std::string& text) {
    const std::string line = harmless(text.substr(0, longest_quote));
    return text.size() > longest_quote ? line + " …" : line;
}

// For a wrong signature, AWS quotes the request that should have been signed, including the session
// token: complete and truncated secrets are removed.
void hide(std::string& text, std::string_view secret) {
    constexpr std::size_t telling = 8;
    if (secret.size() < telling) return;
    std::size_t at = text.find(secret.substr(0, telling));
    while (at != std::string::npos) {
        const auto shown = std::ranges::mismatch(std::string_view(text).substr(at), secret).in2;
        text.replace(at, static_cast<std::size_t>(shown - secret.begin()), "(hidden)");
        at = text.find(secret.substr(0, telling), at);
    }
}

std::string text_of(const AwsRequest& request, const AwsFault& fault, std::string_view advice) {
    std::string text = request.service + " " + request.operation + ": ";
    text += fault.code.empty() ? "status " + std::to_string(fault.status) : quoted(fault.code);
    if (!fault.text.empty()) text += ": " + quoted(fault.text);
    if (!advice.empty()) text.append(" (").append(advice).append(")");
    return text;
}

// Whether the body matches DynamoDB's checksum; other services send none.
bool sum_is_right(const HttpResponse& response) {
    const auto header = response.headers.find("x-amz-crc32");
    if (header == response.headers.end()) return true;
    const std::string& text = header->second;
    std::uint32_t sum = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), sum);
    return read.ec == std::errc() && sum == crc32(response.body);
}

/// EC2 also returns RequestExpired if the session's credentials have expired.
bool is_credentials_expired(std::string_view code) {
    return code.starts_with("ExpiredToken") || code == "RequestExpired";
}

}  // namespace

struct AwsClient::Call {
    const AwsRequest* request;
    const AwsCredentials* credentials;
    Milliseconds ends{};
    int tries = 0;
    bool open = true;
    bool may_have_happened = false;
    Result<HttpResponse> result = Error{ErrorKind::unavailable, "not sent"};
};

HttpRequest AwsClient::http_request(const AwsRequest& request,
                                    const AwsCredentials& credentials) const {
    const Dialect& dialect = dialect_of(request.service);
    HttpRequest made{.method = "POST",
                     .url = endpoint(request.service),
                     .headers = {"Content-Type: " + std::string(dialect.content_type)},
                     .body = request.body,
                     .repeatable = request.again != Again::changes};
    if (!dialect.target_prefix.empty()) {
        made.headers.push_back("X-Amz-Target: " + std::string(dialect.target_prefix) +
                               request.operation);
    }
    const std::string region =
        request.service == "iam" ? std::string(iam_region) : settings_.region;
    made.signing = AwsSigning{region, request.service, credentials.access_key_id,
                              credentials.secret_access_key, credentials.session_token};
    return made;
}

std::vector<Result<HttpResponse>> AwsClient::call_all(const std::vector<AwsRequest>& requests) {
    if (!may_be_in_a_host(settings_.region)) {
        const Error no_region{
            ErrorKind::invalid,
            '"' + quoted(settings_.region) +
                "\" is not a region: regions have lower-case letters, digits and '-'"};
        return {requests.size(), no_region};
    }
    const Milliseconds began = clock_.monotonic();
    const auto credentials = credentials_.get(clock_.now());
    if (!credentials) return {requests.size(), credentials.error()};
    std::vector<Call> calls;
    for (const AwsRequest& request : requests) {
        calls.push_back({&request, &*credentials, began + request.timeout});
    }
    while (std::ranges::any_of(calls, &Call::open)) send_round(calls);
    std::vector<Result<HttpResponse>> results;
    for (Call& call : calls) results.push_back(std::move(call.result));
    return results;
}

std::string AwsClient::endpoint(const std::string& service) const {
    return endpoint_of(settings_, service);
}

Result<HttpResponse> AwsClient::call(const AwsRequest& request) {
    return std::move(call_all({request}).front());
}

// One attempt of every open call, in parallel; retries wait first.
void AwsClient::send_round(std::vector<Call>& calls) {
    std::vector<Call*> round;
    Milliseconds pause{0};
    for (Call& call : calls) {
        if (!call.open) continue;
        round.push_back(&call);
        if (call.tries > 0) pause = std::max(pause, pause_before(call));
    }
    if (pause > 0ms) clock_.sleep_for(pause);
    const Milliseconds now = clock_.monotonic();
    std::vector<HttpRequest> batch;
    for (const Call* call : round) {
        batch.push_back(http_request(*call->request, *call->credentials));
        batch.back().timeout =
            std::clamp(call->ends - now, shortest_try, call->request->try_timeout);
    }
    auto got = http_.send(batch);
    for (std::size_t i = 0; i < round.size(); ++i) {
        ++round[i]->tries;
        take(*round[i], std::move(got[i]));
    }
}

// Full jitter: a random time between zero and a limit that doubles with each attempt.
Milliseconds AwsClient::pause_before(const Call& call) {
    if (!std::exchange(seeded_, true)) {
        random_.seed(static_cast<std::uint_fast32_t>(clock_.now().time_since_epoch().count()));
    }
    const Milliseconds first = dialect_of(call.request->service).first_pause;
    const Milliseconds most = std::min(longest_pause, first * (1 << (call.tries - 1)));
    return Milliseconds(std::uniform_int_distribution<Milliseconds::rep>(0, most.count())(random_));
}

void AwsClient::take(Call& call, Result<HttpResponse> got) {
    const AwsRequest& request = *call.request;
    const std::string who = request.service + " " + request.operation + ": ";
    if (!got) {
        const bool sent = got.error().kind == ErrorKind::unknown_outcome;
        return fail(call, {got.error().kind, who + got.error().text},
                    sent ? TryAgain::if_safe : TryAgain::always);
    }
    if (!sum_is_right(*got)) {
        return fail(call, {ErrorKind::unknown_outcome, who + "the response failed its CRC32 check"},
                    TryAgain::if_safe);
    }
    if (got->status >= 200 && got->status < 300) {
        call.open = false;
        call.result = std::move(got);
        return;
    }
    AwsFault fault = read_aws_fault(got->status, got->body);
    hide(fault.text, call.credentials->session_token.reveal());
    hide(fault.text, call.credentials->secret_access_key.reveal());
    const AwsErrorRule rule = judge(request.service, fault);
    if (rule.again == TryAgain::answer) {
        call.open = false;
        call.result = std::move(got);
        return;
    }
    if (is_credentials_expired(fault.code)) credentials_.forget();
    fail(call, {rule.kind, text_of(request, fault, rule.advice), fault.code}, rule.again);
}

// If an earlier attempt may have taken effect, a later failed attempt does not change that.
Error AwsClient::judged(Call& call, Error error) {
    if (error.kind == ErrorKind::unknown_outcome) call.may_have_happened = true;
    if (call.request->again == Again::reads) {
        if (error.kind == ErrorKind::unknown_outcome) error.kind = ErrorKind::unavailable;
        return error;
    }
    const bool says_nothing = error.kind == ErrorKind::unavailable ||
                              error.kind == ErrorKind::throttled ||
                              is_credentials_expired(error.code);
    if (call.may_have_happened && says_nothing) error.kind = ErrorKind::unknown_outcome;
    return error;
}

void AwsClient::fail(Call& call, Error error, TryAgain again) {
    const bool worth = again == TryAgain::always || (again == TryAgain::once && call.tries == 1) ||
                       (again == TryAgain::if_safe && call.request->again != Again::changes);
    const bool time_left = call.ends - clock_.monotonic() > shortest_retry;
    call.result = judged(call, std::move(error));
    call.open = worth && time_left && call.tries < most_tries;
}

}  // namespace nodenap
