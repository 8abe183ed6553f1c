#include "adapters/aws/errors.hpp"

#include <simdjson.h>
#include <pugixml.hpp>

#include <algorithm>

namespace nodenap {

namespace {

using enum ErrorKind;

constexpr std::string_view check_clock =
    "the key is wrong, or this machine's clock is more than five minutes off";
constexpr std::string_view check_rights = "the role lacks this permission";

constexpr AwsErrorRule rules[] = {
    // DynamoDB
    {"dynamodb", "ConditionalCheckFailedException", conflict, TryAgain::answer},
    {"dynamodb", "TransactionConflictException", conflict, TryAgain::always},
    {"dynamodb", "ReplicatedWriteConflictException", conflict, TryAgain::always},
    {"dynamodb", "ProvisionedThroughputExceededException", throttled, TryAgain::always},
    {"dynamodb", "RequestLimitExceeded", throttled, TryAgain::always},
    {"dynamodb", "LimitExceededException", throttled, TryAgain::always},
    {"dynamodb", "InternalServerError", unknown_outcome, TryAgain::if_safe},
    {"dynamodb", "ResourceNotFoundException", invalid, TryAgain::never, "",
     "the table does not exist in this region"},

    // EC2: no capacity for this offering now
    {"ec2", "InsufficientInstanceCapacity", no_capacity},
    {"ec2", "InsufficientCapacity*", no_capacity},
    {"ec2", "InsufficientHostCapacity", no_capacity},
    {"ec2", "InsufficientReservedInstanceCapacity", no_capacity},
    {"ec2", "InsufficientVolumeCapacity", no_capacity},
    {"ec2", "UnfulfillableCapacity", no_capacity},
    {"ec2", "MaxSpotInstanceCountExceeded", no_capacity},
    {"ec2", "SpotMaxPriceTooLow", no_capacity},
    {"ec2", "InsufficientFreeAddressesInSubnet", no_capacity},
    {"ec2", "ReservationCapacityExceeded", no_capacity},
    {"ec2", "MaxFleetCountExceeded", no_capacity},
    {"ec2", "Unsupported", no_capacity},
    {"ec2", "VcpuLimitExceeded", no_capacity, TryAgain::never, "",
     "ask AWS for a higher vCPU quota"},
    {"ec2", "InstanceLimitExceeded", no_capacity, TryAgain::never, "",
     "ask AWS for a higher instance quota"},
    // On-demand instances, if the pool allows them, need no such role.
    {"ec2", "AuthFailure.ServiceLinkedRoleCreationNotPermitted", no_capacity, TryAgain::never, "",
     "create the role: aws iam create-service-linked-role --aws-service-name spot.amazonaws.com"},

    // EC2: request rate
    {"ec2", "RequestLimitExceeded", throttled, TryAgain::always},
    {"ec2", "EC2ThrottledException", throttled, TryAgain::always},

    // EC2: idempotency and state conflicts
    {"ec2", "IdempotentParameterMismatch", conflict},
    {"ec2", "IdempotentInstanceTerminated", conflict},
    {"ec2", "IncorrectInstanceState", conflict},
    {"ec2", "IncorrectState", conflict},

    // EC2: needs action by the user
    {"ec2", "OperationNotPermitted", denied, TryAgain::never, "",
     "termination protection is on for this instance"},
    {"ec2", "UnauthorizedOperation", denied, TryAgain::never, "", check_rights},
    {"ec2", "PendingVerification", invalid, TryAgain::never, "",
     "AWS is still verifying this account"},
    {"ec2", "OptInRequired", invalid, TryAgain::never, "",
     "this account has not subscribed to the service or the image"},
    {"ec2", "Blocked", invalid, TryAgain::never, "", "AWS has blocked this account"},
    {"ec2", "InvalidParameterCombination", invalid, TryAgain::never, "eligible for Free Tier",
     "this account is on AWS's Free plan, which launches only t3.micro, t3.small, t4g.micro, "
     "t4g.small, c7i-flex.large and m7i-flex.large: name one of them in instance_types, or upgrade "
     "the plan"},
    {"ec2", "InvalidParameterCombination", invalid},
    // A new instance profile is not known everywhere immediately.
    {"ec2", "InvalidParameterValue", invalid, TryAgain::once, "Invalid IAM Instance Profile"},
    {"ec2", "InvalidLaunchTemplate*", invalid, TryAgain::never, "",
     "check launch_template and launch_template_version"},
    {"ec2", "InternalError", unknown_outcome, TryAgain::if_safe},
    {"ec2", "Unavailable", unknown_outcome, TryAgain::if_safe},

    // SSM
    {"ssm", "ParameterNotFound", invalid, TryAgain::never, "", "check the parameter's name"},
    {"ssm", "InvalidKeyId", invalid, TryAgain::never, "", "check the parameter's key"},
    {"ssm", "InternalServerError", unknown_outcome, TryAgain::if_safe},

    // All services
    {"", "Throttl*", throttled, TryAgain::always},  // Throttling, ThrottlingException, …
    {"", "TooManyRequests*", throttled, TryAgain::always},
    {"", "ServiceUnavailable*", unknown_outcome, TryAgain::if_safe},
    {"", "InternalFailure", unknown_outcome, TryAgain::if_safe},
    {"", "RequestTimeout*", unknown_outcome, TryAgain::if_safe},
    {"", "AuthFailure", denied, TryAgain::never, "", check_clock},
    {"", "SignatureDoesNotMatch", denied, TryAgain::never, "", check_clock},
    {"", "InvalidSignature*", denied, TryAgain::never, "", check_clock},
    {"", "IncompleteSignature*", denied, TryAgain::never, "", check_clock},
    {"", "RequestExpired", denied, TryAgain::never, "", check_clock},
    {"", "ExpiredToken*", denied, TryAgain::never, "", "the session's credentials have expired"},
    {"", "UnrecognizedClient*", denied, TryAgain::never, "",
     "AWS does not recognize this access key"},
    {"", "InvalidClientTokenId", denied, TryAgain::never, "",
     "AWS does not recognize this access key"},
    {"", "MissingAuthenticationToken*", denied, TryAgain::never, "", check_clock},
    {"", "AccessDenied*", denied, TryAgain::never, "", check_rights},
};

bool fits(const AwsErrorRule& rule, std::string_view service, const AwsFault& fault) {
    if (!rule.service.empty() && rule.service != service) return false;
    if (fault.text.find(rule.text) == std::string::npos) return false;
    if (!rule.code.ends_with('*')) return fault.code == rule.code;
    return fault.code.starts_with(rule.code.substr(0, rule.code.size() - 1));
}

AwsErrorRule by_status(int status) {
    if (status == 429) return {"", "", throttled, TryAgain::always};
    if (status >= 500) return {"", "", unknown_outcome, TryAgain::if_safe};
    if (status == 401 || status == 403) return {"", "", denied, TryAgain::never, "", check_rights};
    return {"", "", invalid, TryAgain::never};
}

// <Response><Errors><Error>…, or <ErrorResponse><Error>…
AwsFault read_xml(int status, const std::string& body) {
    pugi::xml_document document;
    if (!document.load_buffer(body.data(), body.size())) return {status, {}, {}};
    const pugi::xml_node error =
        document.find_node([](const pugi::xml_node& node) { return node.child("Code"); });
    return {status, error.child_value("Code"), error.child_value("Message")};
}

// The name after "com.amazonaws.dynamodb.v20120810#"; one service also sends "Name:http://…".
std::string bare_name(std::string_view type) {
    if (const std::size_t hash = type.rfind('#'); hash != std::string_view::npos) {
        type.remove_prefix(hash + 1);
    }
    return std::string(type.substr(0, type.find(':')));
}

AwsFault read_json(int status, const std::string& body) {
    simdjson::dom::parser parser;
    simdjson::dom::element object;
    if (parser.parse(body).get(object) != simdjson::SUCCESS) return {status, {}, {}};
    const auto first_of = [&](std::initializer_list<const char*> names) {
        std::string_view text;
        for (const char* name : names) {
            if (object[name].get(text) == simdjson::SUCCESS) break;
        }
        return std::string(text);
    };
    return {status, bare_name(first_of({"__type", "code", "Code"})),
            first_of({"message", "Message"})};
}

}  // namespace

std::span<const AwsErrorRule> aws_error_rules() { return rules; }

AwsFault read_aws_fault(int status, const std::string& body) {
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    if (first == std::string::npos) return {status, {}, {}};
    return body[first] == '{' ? read_json(status, body) : read_xml(status, body);
}

AwsErrorRule judge(std::string_view service, const AwsFault& fault) {
    if (!fault.code.empty()) {
        for (const AwsErrorRule& rule : rules) {
            if (fits(rule, service, fault)) return rule;
        }
    }
    return by_status(fault.status);
}

}  // namespace nodenap
