#pragma once

// What `nodenap doctor` asks beside the ports: all well, until a test says otherwise.

#include "doctor/ports.hpp"
#include "fakes.hpp"

namespace nodenap::test {

class FakeCheckup final : public Caller, public Trials, public Account, public Monitoring {
public:
    Result<CredentialsSeen> credentials() override { return credentials_seen; }
    Result<Time> aws_time() override { return time; }
    std::vector<Status> try_launches(const std::vector<Operation>& operations) override {
        launches.insert(launches.end(), operations.begin(), operations.end());
        return std::vector<Status>(operations.size(), launch);
    }
    Status try_termination(const std::string& instance_id) override {
        terminations.push_back(instance_id);
        return termination;
    }
    Result<std::vector<SubnetSeen>> subnets(const std::vector<std::string>&) override {
        return subnets_seen;
    }
    Result<std::optional<TemplateSeen>> launch_template(const std::string&,
                                                        const std::string&) override {
        return template_seen;
    }
    Result<std::optional<Time>> parameter_changed_at(const std::string& name) override {
        parameters.push_back(name);
        return token_changed_at;
    }
    Result<std::vector<TypeInZone>> sold_types(const std::vector<std::string>& types) override {
        if (!sold) return sold;
        auto answer = *sold;
        for (const std::string& type : types) {
            for (const std::string& zone : zones_of_all) answer.push_back({type, zone});
        }
        return answer;
    }
    Result<bool> has_spot_role() override { return spot_role; }
    Result<double> vcpu_quota(Capacity) override { return quota; }
    Result<MonitoringSeen> look(Time) override { return monitoring; }

    Result<CredentialsSeen> credentials_seen = CredentialsSeen{"the environment", std::nullopt};
    Result<Time> time = fake_start;
    Status launch = Done{};
    Status termination = Done{};
    Result<std::vector<SubnetSeen>> subnets_seen = std::vector<SubnetSeen>{
        {"subnet-a", "us-east-1a", "available", 250}, {"subnet-b", "us-east-1b", "available", 250}};
    Result<std::optional<TemplateSeen>> template_seen = std::optional<TemplateSeen>(
        {"ami-0abc", "arn:aws:iam::1:instance-profile/w", true, false, "standard"});
    Result<std::optional<Time>> token_changed_at =
        std::optional<Time>(fake_start - std::chrono::hours(24 * 30));
    Result<double> quota = 32.0;
    std::vector<std::string> zones_of_all = {"us-east-1a", "us-east-1b"};  // sell every type
    Result<std::vector<TypeInZone>> sold = std::vector<TypeInZone>{};      // and these
    Result<bool> spot_role = true;
    Result<MonitoringSeen> monitoring =
        MonitoringSeen{fake_start,
                       {{"kubelet", 3, 0}},
                       {{"server", "v1.34.4+k3s1", true}, {"i-0aaa", "v1.34.4+k3s1"}},
                       ""};

    std::vector<Operation> launches;
    std::vector<std::string> terminations;
    std::vector<std::string> parameters;
    PreflightPorts ports{*this, *this, *this, *this};
};

}  // namespace nodenap::test
