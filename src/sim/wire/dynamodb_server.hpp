#pragma once

#include "sim/wire/server.hpp"
#include "sim/world/world.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace nodenap::servers {

/// The JSON of attributes, {"name": {"S": "text"}}; empty if it has a type that the table does not
/// support.
nlohmann::ordered_json wire_item(const AttributeMap& item);
std::optional<AttributeMap> item_of(const nlohmann::ordered_json& wire);

/// The world's table as DynamoDB's low-level API (2012-08-10, JSON 1.0): UpdateItem, GetItem and
/// Query as the adapter sends them. Unknown requests are refused as DynamoDB would, and reported to
/// the world's checker.
class DynamoDbServer final : public Server {
public:
    DynamoDbServer(sim::World& world, std::string table)
        : world_(world), table_(std::move(table)) {}

    Delivery plan(const HttpRequest& request, sim::NetworkLink& link) override;
    Reply answer(const Arrival& arrival) override;

private:
    HttpResponse update_item(const Arrival& arrival, const nlohmann::ordered_json& body);
    HttpResponse get_item(const nlohmann::ordered_json& body);
    HttpResponse query(const nlohmann::ordered_json& body);
    HttpResponse refuse(const std::string& why);

    sim::World& world_;
    std::string table_;
};

}  // namespace nodenap::servers
