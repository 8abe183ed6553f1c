#pragma once

#include "adapters/aws/client.hpp"
#include "controller/ports.hpp"

#include <string>
#include <vector>

namespace nodenap {

/// EC2 through its query API (version 2016-11-15). Servers of the cluster do not have the tags and
/// are never listed. A launch takes at most `longest_call`, including retries.
class Ec2Manager : public Fleet {
public:
    Ec2Manager(AwsClient& aws, std::string cluster) : aws_(aws), cluster_(std::move(cluster)) {}

    Result<std::vector<Instance>> list() override;
    std::vector<Result<Instance>> launch(const std::vector<Operation>& operations) override;
    std::vector<Status> terminate(const std::vector<std::string>& instance_ids) override;

private:
    Result<std::vector<Instance>> find_by_operation(const std::string& operation_id);
    Result<Instance> launched(const Operation& operation, const Result<HttpResponse>& got);
    Result<Instance> adopt(const Operation& operation, const Error& error);

    AwsClient& aws_;
    std::string cluster_;
};

}  // namespace nodenap
