// Error responses of AWS services, in XML, JSON or anything else.

#include "adapters/aws/errors.hpp"
#include "fuzz/fuzz.hpp"

#include <algorithm>

namespace nodenap::fuzz {
namespace {

void claim_rule(std::string_view service, const AwsFault& fault) {
    const auto rule = judge(service, fault);
    claim(rule.service.empty() || rule.service == service, "a rule is the service's own");
    if (rule.again == TryAgain::answer) {
        claim(service == "dynamodb" && fault.code == "ConditionalCheckFailedException",
              "only a condition that does not hold is an answer");
    }
    if (!rule.code.empty()) return;
    // Without a matching row only the status decides, not the body.
    const auto bare = judge(service, {fault.status, {}, {}});
    claim(rule.kind == bare.kind && rule.again == bare.again, "without a row the status decides");
    if (fault.status >= 500)
        claim(rule.kind == ErrorKind::unknown_outcome, "a 5xx may have been carried out");
}

}  // namespace

void try_input(std::string_view input) {
    const std::string body(input);
    for (const int status : {400, 403, 429, 500, 503}) {
        const auto fault = read_aws_fault(status, body);
        claim(fault.status == status, "the status is the answer's");
        claim(!body.empty() || (fault.code.empty() && fault.text.empty()),
              "an empty body says nothing");
        for (const auto* service : {"ec2", "dynamodb", "ssm", "servicequotas"})
            claim_rule(service, fault);
    }
}

}  // namespace nodenap::fuzz
