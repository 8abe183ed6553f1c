#include "sim/wire/server_http.hpp"

#include "adapters/http/text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace nodenap::servers {
namespace {

using Back = Delivery::Back;

const Error dead{ErrorKind::unavailable, "the process is dead"};

Error lost(const HttpRequest& request, const char* how) {
    return {ErrorKind::unknown_outcome, host_of(request.url) + ": " + how};
}

}  // namespace

struct ServerHttp::Exchange {
    HttpRequest request;
    sim::Sender sender;
    Delivery delivery;
    Time sent_at{};
    Time ends_at{};
    std::optional<Reply> reply = std::nullopt;
};

// The process may crash at each request to AWS; a batch to Prometheus counts as one call.
std::vector<Result<HttpResponse>> ServerHttp::send(const std::vector<HttpRequest>& requests) {
    std::vector<std::shared_ptr<Exchange>> exchanges;
    for (const auto& request : requests) {
        const bool is_own_call = exchanges.empty() || request.signing;
        if (is_own_call && !link_.leaves()) break;
        exchanges.push_back(begin(request));
    }
    wait_for(exchanges);
    std::vector<Result<HttpResponse>> results;
    for (const auto& exchange : exchanges) results.push_back(end(*exchange));
    results.resize(requests.size(), dead);
    return results;
}

std::shared_ptr<ServerHttp::Exchange> ServerHttp::begin(const HttpRequest& request) {
    const auto now = world_.timeline.now();
    auto exchange = std::make_shared<Exchange>(Exchange{request, link_.sender, {}, now, now});
    network_.leaks.check(request);
    const auto found = network_.servers.find(host_of(request.url));
    if (found == network_.servers.end()) {
        exchange->delivery.connects = false;
        world_.checker.breach("wire", "no service at " + request.url);
        return exchange;
    }
    Server& server = *found->second;
    const auto delivery = server.plan(request, link_);
    exchange->delivery = delivery;
    const auto answered = now + delivery.there + delivery.takes;
    const auto registration_failed = now + request.timeout;
    const bool waits = delivery.connects && delivery.back == Back::lost;
    exchange->ends_at = waits ? registration_failed : std::min(answered, registration_failed);
    if (!delivery.connects || !delivery.arrives) return exchange;
    world_.timeline.after(delivery.there, [exchange, &server, &link = link_] {
        exchange->reply = server.answer({exchange->request, link, exchange->sender});
    });
    return exchange;
}

void ServerHttp::wait_for(const std::vector<std::shared_ptr<Exchange>>& exchanges) {
    auto until = world_.timeline.now();
    for (const auto& exchange : exchanges) until = std::max(until, exchange->ends_at);
    if (!link_.is_dead()) world_.timeline.wait(until - world_.timeline.now());
}

// A refusal by EC2 is known by its status, even if its body was damaged.
bool ServerHttp::is_understood(const Exchange& exchange) {
    const auto back = exchange.delivery.back;
    return back == Back::whole || (back == Back::damaged && exchange.reply->response.status >= 400);
}

Result<HttpResponse> ServerHttp::end(Exchange& exchange) {
    if (exchange.request.signing ? !link_.hears() : link_.is_dead()) return dead;
    auto result = read(exchange);
    if (result && exchange.reply && is_understood(exchange)) exchange.reply->on_received();
    return result;
}

// A process suspended past its deadline gets a timeout, even if a response arrived meanwhile.
Result<HttpResponse> ServerHttp::read(Exchange& exchange) {
    const auto& [request, sender, delivery, sent_at, ends_at, reply] = exchange;
    if (!delivery.connects) {
        return Error{ErrorKind::unavailable, host_of(request.url) + ": could not connect"};
    }
    if (delivery.back == Back::lost || world_.timeline.now() >= sent_at + request.timeout) {
        return lost(request, "timed out");
    }
    if (delivery.back == Back::cut) return lost(request, "the response was truncated");
    if (delivery.back == Back::replaced) return delivery.instead;
    auto response = reply->response;
    if (delivery.back == Back::damaged) {
        const auto most = std::max<std::int64_t>(std::ssize(response.body) - 1, 0);
        response.body.resize(static_cast<std::size_t>(link_.random.between(0, most)));
    }
    return response;
}

}  // namespace nodenap::servers
