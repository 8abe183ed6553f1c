#include "adapters/http/http.hpp"

#include "adapters/http/roots.hpp"
#include "adapters/http/text.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace nodenap {

namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::duration_cast;

// The time limit for name lookup and connecting.
constexpr Milliseconds longest_connect = std::chrono::seconds(3);
// Servers close idle connections; beyond this age a kept one is probably dead.
constexpr Milliseconds longest_backoff = std::chrono::minutes(4);
constexpr long kept_connections = 32;

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Multi = std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)>;
using Share = std::unique_ptr<CURLSH, decltype(&curl_share_cleanup)>;
using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

bool may_be_sent_twice(const HttpRequest& request) {
    return request.repeatable || request.method == "GET" || request.method == "HEAD";
}

// When a connection was last known to be alive, by its local address: libcurl reports nothing else
// about it before a request is sent.
using LastUse = std::unordered_map<std::string, Milliseconds>;

// One request in flight.
struct Exchange {
    const HttpRequest* request = nullptr;
    const LastUse* last_use = nullptr;
    Milliseconds alive_since{};  // a connection not used since then may be dead
    bool fresh_connection = false;

    Easy easy{nullptr, &curl_easy_cleanup};
    HeaderList headers{nullptr, &curl_slist_free_all};
    char fault[CURL_ERROR_SIZE] = "";

    HttpHead head;
    std::string body;
    std::size_t received = 0;
    std::string connection;
    bool sent = false;
    bool refused_to_repeat = false;
    bool idle_too_long = false;
    bool too_long = false;
};

bool idle_too_long(const Exchange& exchange) {
    const auto used = exchange.last_use->find(exchange.connection);
    return !exchange.fresh_connection && used != exchange.last_use->end() &&
           used->second < exchange.alive_since;
}

// --- libcurl's callbacks ------------------------------------------------------------------------

// Called just before the request is sent, and again if libcurl would repeat it by itself because a
// kept connection turned out to be dead: then the server may have handled the first one.
// NOLINTNEXTLINE(readability-function-size): libcurl's signature
int on_about_to_send(void* user, char*, char* local_address, int, int local_port) {
    Exchange& exchange = *static_cast<Exchange*>(user);
    exchange.connection = std::string(local_address) + " " + std::to_string(local_port);
    const bool twice = may_be_sent_twice(*exchange.request);
    exchange.refused_to_repeat = !twice && exchange.sent;
    exchange.idle_too_long = !twice && !exchange.sent && idle_too_long(exchange);
    if (exchange.refused_to_repeat || exchange.idle_too_long) return CURL_PREREQFUNC_ABORT;
    exchange.sent = true;
    return CURL_PREREQFUNC_OK;
}

bool too_long(Exchange& exchange, std::size_t more) {
    exchange.received += more;
    exchange.too_long = exchange.received > exchange.request->most_bytes;
    return exchange.too_long;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
    Exchange& exchange = *static_cast<Exchange*>(user);
    if (too_long(exchange, size * count)) return 0;
    exchange.body.append(data, size * count);
    return size * count;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
    Exchange& exchange = *static_cast<Exchange*>(user);
    if (too_long(exchange, size * count)) return 0;
    exchange.head.take({data, size * count});
    return size * count;
}

CURLcode on_ssl_context(CURL*, void* context, void* user) {
    return static_cast<HttpRoots*>(user)->give_to(context) ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

// --- building a request --------------------------------------------------------------------------

template <class Value>
void set(const Exchange& exchange, CURLoption option, Value value) {
    curl_easy_setopt(exchange.easy.get(), option, value);
}

long milliseconds(Milliseconds span) {
    return static_cast<long>(std::clamp<Milliseconds::rep>(span.count(), 1, INT_MAX));
}

void set_method(const Exchange& exchange) {
    const HttpRequest& request = *exchange.request;
    if (request.method == "GET") {
        set(exchange, CURLOPT_HTTPGET, 1L);
    } else if (request.method == "HEAD") {
        set(exchange, CURLOPT_NOBODY, 1L);
    } else {
        set(exchange, CURLOPT_POST, 1L);
        set(exchange, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        set(exchange, CURLOPT_POSTFIELDS, request.body.c_str());
        if (request.method != "POST") {
            set(exchange, CURLOPT_CUSTOMREQUEST, request.method.c_str());
        }
    }
}

void add_header(Exchange& exchange, const std::string& line) {
    if (curl_slist* longer = curl_slist_append(exchange.headers.get(), line.c_str())) {
        static_cast<void>(exchange.headers.release());
        exchange.headers.reset(longer);
    }
}

// libcurl signs all headers, so the session token is signed as required.
void set_signing(Exchange& exchange, const AwsSigning& signing) {
    const std::string scope = "aws:amz:" + signing.region + ":" + signing.service;
    set(exchange, CURLOPT_AWS_SIGV4, scope.c_str());
    set(exchange, CURLOPT_USERNAME, signing.access_key_id.c_str());
    set(exchange, CURLOPT_PASSWORD, signing.secret_access_key.reveal().c_str());
    if (!signing.session_token.empty()) {
        add_header(exchange, "x-amz-security-token: " + signing.session_token.reveal());
    }
}

// libcurl reads proxies and roots from the environment unless each is set.
void set_trust(const Exchange& exchange, HttpRoots& roots) {
    set(exchange, CURLOPT_PROTOCOLS_STR, "http,https");
    set(exchange, CURLOPT_PROXY, "");
    set<const char*>(exchange, CURLOPT_CAINFO, nullptr);
    set<const char*>(exchange, CURLOPT_CAPATH, nullptr);
    set(exchange, CURLOPT_SSL_CTX_FUNCTION, &on_ssl_context);
    set(exchange, CURLOPT_SSL_CTX_DATA, &roots);
    set(exchange, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
}

void set_callbacks(Exchange& exchange) {
    set(exchange, CURLOPT_PRIVATE, &exchange);
    set(exchange, CURLOPT_ERRORBUFFER, exchange.fault);
    set(exchange, CURLOPT_PREREQFUNCTION, &on_about_to_send);
    set(exchange, CURLOPT_PREREQDATA, &exchange);
    set(exchange, CURLOPT_WRITEFUNCTION, &on_body);
    set(exchange, CURLOPT_WRITEDATA, &exchange);
    set(exchange, CURLOPT_HEADERFUNCTION, &on_header);
    set(exchange, CURLOPT_HEADERDATA, &exchange);
}

void set_request(Exchange& exchange) {
    const HttpRequest& request = *exchange.request;
    set(exchange, CURLOPT_URL, request.url.c_str());
    set(exchange, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(exchange, CURLOPT_NOSIGNAL, 1L);
    set(exchange, CURLOPT_TIMEOUT_MS, milliseconds(request.timeout));
    set(exchange, CURLOPT_CONNECTTIMEOUT_MS,
        milliseconds(std::min(request.timeout, longest_connect)));
    set(exchange, CURLOPT_MAXAGE_CONN,
        static_cast<long>(duration_cast<std::chrono::seconds>(longest_backoff).count()));
    set_method(exchange);
    for (const std::string& line : request.headers) add_header(exchange, line);
    if (request.signing) set_signing(exchange, *request.signing);
    set(exchange, CURLOPT_HTTPHEADER, exchange.headers.get());
}

// --- the result ---------------------------------------------------------------------------------

Error failure(const Exchange& exchange, std::string_view what) {
    const ErrorKind kind = exchange.sent ? ErrorKind::unknown_outcome : ErrorKind::unavailable;
    return {kind, host_of(exchange.request->url) + ": " + std::string(what)};
}

// A response that ends with the connection may be truncated; this cannot be detected.
bool end_is_known(const Exchange& exchange, long status) {
    const bool no_body = status == 204 || status == 304 || exchange.request->method == "HEAD";
    return exchange.head.whole() && (no_body || exchange.head.defines_end());
}

Result<HttpResponse> outcome(Exchange& exchange, CURLcode code) {
    if (exchange.too_long) {
        return failure(exchange, "the response is longer than " +
                                     std::to_string(exchange.request->most_bytes) + " bytes");
    }
    if (exchange.refused_to_repeat) {
        return failure(exchange, "the connection was closed before a response arrived");
    }
    if (code != CURLE_OK) {
        const std::string_view said(exchange.fault);
        return failure(exchange, said.empty() ? curl_easy_strerror(code) : said);
    }
    long status = 0;
    curl_easy_getinfo(exchange.easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (!end_is_known(exchange, status)) return failure(exchange, "the response was truncated");
    return HttpResponse{static_cast<int>(status), std::move(exchange.head.headers()),
                        std::move(exchange.body)};
}

}  // namespace

// --- the client ---------------------------------------------------------------------------------

class NetworkHttp::Engine {
public:
    explicit Engine(HttpOptions options)
        : options_(std::move(options)), roots_(options_.root_certificates_pem) {
        // libcurl would write the keys of every TLS session to the file named by it.
        unsetenv("SSLKEYLOGFILE");
        curl_global_init(CURL_GLOBAL_DEFAULT);
        share_.reset(curl_share_init());
        curl_share_setopt(share_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
        open();
    }
    ~Engine() {
        spare_.clear();
        multi_.reset();
        share_.reset();
        curl_global_cleanup();
    }
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    std::vector<Result<HttpResponse>> run(const std::vector<HttpRequest>& requests);
    void warm_up() { roots_.warm_up(); }

private:
    void open();
    void interruption_sleep();
    Milliseconds lived() const;
    void begin(Exchange& exchange);
    std::optional<Result<HttpResponse>> end(Exchange& exchange, CURLcode code);
    std::size_t take(std::vector<Exchange>& exchanges, std::vector<Result<HttpResponse>>& results);
    void called(bool before) const {
        if (options_.on_call) options_.on_call(before);
    }

    HttpOptions options_;
    HttpRoots roots_;
    Share share_{nullptr, &curl_share_cleanup};
    Multi multi_{nullptr, &curl_multi_cleanup};
    std::vector<Easy> spare_;
    LastUse last_use_;
    SteadyClock::time_point last_steady_ = SteadyClock::now();
    std::chrono::system_clock::time_point last_system_ = std::chrono::system_clock::now();
    Milliseconds unseen_{};  // suspended time that the monotonic clock did not count
};

void NetworkHttp::Engine::open() {
    multi_.reset(curl_multi_init());
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kept_connections);
    last_use_.clear();
}

Milliseconds NetworkHttp::Engine::lived() const {
    return duration_cast<Milliseconds>(SteadyClock::now().time_since_epoch()) + unseen_;
}

// The monotonic clock of a frozen machine may stop while servers close its connections, so the wall
// clock is compared too. libcurl only uses the former, so the connections are dropped here.
void NetworkHttp::Engine::interruption_sleep() {
    const auto steady = SteadyClock::now();
    const auto system = std::chrono::system_clock::now();
    const auto seen = duration_cast<Milliseconds>(steady - last_steady_);
    const auto passed = duration_cast<Milliseconds>(system - last_system_);
    if (passed > seen) unseen_ += passed - seen;
    if (passed - seen > options_.longest_idle_before_write || seen > longest_backoff) open();
    last_steady_ = steady;
    last_system_ = system;
}

// A reused handle keeps its resolver, which costs more than the handle itself.
void NetworkHttp::Engine::begin(Exchange& exchange) {
    if (spare_.empty()) {
        exchange.easy.reset(curl_easy_init());
    } else {
        exchange.easy = std::move(spare_.back());
        spare_.pop_back();
    }
    exchange.last_use = &last_use_;
    exchange.alive_since = lived() - options_.longest_idle_before_write;
    set_trust(exchange, roots_);
    set_callbacks(exchange);
    set_request(exchange);
    set(exchange, CURLOPT_SHARE, share_.get());
    curl_multi_add_handle(multi_.get(), exchange.easy.get());
}

// Empty if nothing was sent; the request is then retried on a new connection.
std::optional<Result<HttpResponse>> NetworkHttp::Engine::end(Exchange& exchange, CURLcode code) {
    curl_multi_remove_handle(multi_.get(), exchange.easy.get());
    if (std::exchange(exchange.idle_too_long, false)) {
        exchange.fresh_connection = true;
        exchange.fault[0] = '\0';
        set(exchange, CURLOPT_FRESH_CONNECT, 1L);
        curl_multi_add_handle(multi_.get(), exchange.easy.get());
        return std::nullopt;
    }
    if (exchange.sent && code == CURLE_OK) last_use_[exchange.connection] = lived();
    called(false);
    auto result = outcome(exchange, code);
    curl_easy_reset(exchange.easy.get());
    spare_.push_back(std::move(exchange.easy));
    return result;
}

// Collects finished transfers; returns the number of requests with a final result.
std::size_t NetworkHttp::Engine::take(std::vector<Exchange>& exchanges,
                                      std::vector<Result<HttpResponse>>& results) {
    std::size_t answered = 0;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
        char* held = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &held);
        Exchange& exchange = *reinterpret_cast<Exchange*>(held);
        auto result = end(exchange, message->data.result);
        if (!result) continue;
        results[static_cast<std::size_t>(&exchange - exchanges.data())] = std::move(*result);
        ++answered;
    }
    return answered;
}

std::vector<Result<HttpResponse>> NetworkHttp::Engine::run(
    const std::vector<HttpRequest>& requests) {
    interruption_sleep();
    std::vector<Exchange> exchanges(requests.size());
    std::vector<Result<HttpResponse>> results(
        requests.size(), Error{ErrorKind::unknown_outcome, "libcurl returned no result"});
    for (std::size_t i = 0; i < requests.size(); ++i) {
        exchanges[i].request = &requests[i];
        called(true);
        begin(exchanges[i]);
    }
    std::size_t open = requests.size();
    while (open > 0) {
        int running = 0;
        if (curl_multi_perform(multi_.get(), &running) != CURLM_OK) break;
        const std::size_t answered = take(exchanges, results);
        open -= answered;
        if (open == 0 || answered > 0) continue;
        if (curl_multi_poll(multi_.get(), nullptr, 0, 1000, nullptr) != CURLM_OK) break;
    }
    return results;
}

NetworkHttp::NetworkHttp(HttpOptions options)
    : engine_(std::make_unique<Engine>(std::move(options))) {}
NetworkHttp::~NetworkHttp() = default;

std::vector<Result<HttpResponse>> NetworkHttp::send(const std::vector<HttpRequest>& requests) {
    return engine_->run(requests);
}

void NetworkHttp::warm_up() { engine_->warm_up(); }

Result<HttpResponse> Http::send(const HttpRequest& request) {
    return std::move(send(std::vector<HttpRequest>{request}).front());
}

}  // namespace nodenap
