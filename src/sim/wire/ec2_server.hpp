#pragma once

#include "sim/wire/form.hpp"
#include "sim/wire/server.hpp"
#include "sim/world/world.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace nodenap::servers {

using Tags = std::vector<std::pair<std::string, std::string>>;

/// The world's cloud as EC2's query API (2016-11-15): DescribeInstances by tags and in pages,
/// RunInstances with its client token, TerminateInstances. Unknown requests are refused as EC2
/// would, and reported to the world's checker.
class Ec2Server final : public Server {
public:
    explicit Ec2Server(sim::World& world) : world_(world) {}

    Delivery plan(const HttpRequest& request, sim::NetworkLink& link) override;
    Reply answer(const Arrival& arrival) override;

private:
    Reply describe(const Form& form);
    Reply run(const Arrival& arrival, const Form& form);
    Reply terminate(const Arrival& arrival, const Form& form);
    Reply refuse(const std::string& code, const std::string& why);
    Tags tags_of(const sim::Machine& machine) const;
    std::string subnet_zone(const std::string& subnet) const;

    sim::World& world_;
    std::map<std::string, Tags> tags_;           // by instance, as requested
    std::map<std::string, std::string> bodies_;  // by client token
};

}  // namespace nodenap::servers
