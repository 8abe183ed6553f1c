#pragma once

#include "adapters/aws/client.hpp"
#include "adapters/aws/credentials.hpp"
#include "adapters/http/http.hpp"
#include "doctor/ports.hpp"

namespace nodenap {

/// Where the doctor's questions to AWS go. All of it must outlive the one who asks.
struct DoctorParts {
    Http& http;
    Clock& clock;
    Credentials& credentials;
    AwsClient& aws;
};

/// AWS as `nodenap doctor` asks it: rehearsals by EC2's DryRun, and reading what the
/// configuration names. No value of a parameter and no user data is read.
class DoctorAws : public Caller, public Trials, public Account {
public:
    DoctorAws(const DoctorParts& parts, std::string cluster)
        : parts_(parts), cluster_(std::move(cluster)) {}

    Result<CredentialsSeen> credentials() override;
    Result<Time> aws_time() override;
    std::vector<Status> try_launches(const std::vector<Operation>& operations) override;
    Status try_termination(const std::string& instance_id) override;
    Result<std::vector<SubnetSeen>> subnets(const std::vector<std::string>& ids) override;
    Result<std::optional<TemplateSeen>> launch_template(const std::string& id,
                                                        const std::string& version) override;
    Result<std::optional<Time>> parameter_changed_at(const std::string& name) override;
    Result<std::vector<TypeInZone>> sold_types(const std::vector<std::string>& types) override;
    Result<bool> has_spot_role() override;
    Result<double> vcpu_quota(Capacity capacity) override;

private:
    DoctorParts parts_;
    std::string cluster_;
};

}  // namespace nodenap
