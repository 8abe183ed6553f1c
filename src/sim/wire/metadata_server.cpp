#include "sim/wire/metadata_server.hpp"

#include "base/time_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace nodenap::servers {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view roles = "/latest/meta-data/iam/security-credentials/";
constexpr const char* token = "metadata-token";

bool has_header(const HttpRequest& request, const std::string& line) {
    const auto& headers = request.headers;
    return std::find(headers.begin(), headers.end(), line) != headers.end();
}

}  // namespace

Delivery MetadataServer::plan(const HttpRequest&, sim::NetworkLink& link) {
    Delivery delivery;
    delivery.there = link.random.between(1ms, 3ms);
    return delivery;
}

Reply MetadataServer::answer(const Arrival& arrival) {
    const auto& request = arrival.request;
    if (request.method == "PUT" && request.url.ends_with("/latest/api/token")) {
        return {{200, {{"content-type", "text/plain"}}, token}};
    }
    if (!has_header(request, std::string("X-aws-ec2-metadata-token: ") + token)) {
        return {{401, {{"content-type", "text/html"}}, "<h1>401 - Unauthorized</h1>"}};
    }
    if (request.url.ends_with(roles)) return {{200, {{"content-type", "text/plain"}}, "nodenap"}};
    if (!request.url.ends_with(std::string(roles) + "nodenap")) {
        return {{404, {{"content-type", "text/html"}}, "<h1>404 - Not Found</h1>"}};
    }
    const nlohmann::ordered_json body = {{"Code", "Success"},
                                         {"LastUpdated", time_text(world_.timeline.now())},
                                         {"Type", "AWS-HMAC"},
                                         {"AccessKeyId", session_.access_key_id},
                                         {"SecretAccessKey", session_.secret_access_key.reveal()},
                                         {"Token", session_.token.reveal()},
                                         {"Expiration", time_text(world_.timeline.now() + 6h)}};
    return {{200, {{"content-type", "text/plain"}}, body.dump()}};
}

}  // namespace nodenap::servers
