#include "adapters/aws/errors.hpp"

#include "adapters/fixture.hpp"

#include <gtest/gtest.h>

#include <set>

namespace nodenap::test {
namespace {

using enum ErrorKind;

// Every row of errors.md's table that AWS can answer, by hand: code and service, what it means.
struct Row {
    std::string service;
    std::string code;
    ErrorKind kind;
    TryAgain again = TryAgain::never;
    std::string text = {};
};

const std::vector<Row>& table() {
    static const std::vector<Row> rows = {
        {"dynamodb", "ConditionalCheckFailedException", conflict, TryAgain::answer},
        {"dynamodb", "TransactionConflictException", conflict, TryAgain::always},
        {"dynamodb", "ReplicatedWriteConflictException", conflict, TryAgain::always},
        {"dynamodb", "ProvisionedThroughputExceededException", throttled, TryAgain::always},
        {"dynamodb", "ThrottlingException", throttled, TryAgain::always},
        {"dynamodb", "RequestLimitExceeded", throttled, TryAgain::always},
        {"dynamodb", "LimitExceededException", throttled, TryAgain::always},
        {"dynamodb", "InternalServerError", unknown_outcome, TryAgain::if_safe},
        {"dynamodb", "ServiceUnavailable", unknown_outcome, TryAgain::if_safe},
        {"dynamodb", "ResourceNotFoundException", invalid},
        {"dynamodb", "ValidationException", invalid},
        {"dynamodb", "AccessDeniedException", denied},
        {"dynamodb", "UnrecognizedClientException", denied},
        {"dynamodb", "InvalidSignatureException", denied},
        {"dynamodb", "IncompleteSignatureException", denied},
        {"dynamodb", "MissingAuthenticationTokenException", denied},
        {"dynamodb", "SignatureDoesNotMatch", denied},
        {"dynamodb", "ExpiredTokenException", denied},
        {"dynamodb", "InvalidClientTokenId", denied},

        {"ec2", "InsufficientInstanceCapacity", no_capacity},
        {"ec2", "InsufficientCapacityOnHost", no_capacity},
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
        {"ec2", "VcpuLimitExceeded", no_capacity},
        {"ec2", "InstanceLimitExceeded", no_capacity},
        {"ec2", "AuthFailure.ServiceLinkedRoleCreationNotPermitted", no_capacity},
        {"ec2", "RequestLimitExceeded", throttled, TryAgain::always},
        {"ec2", "EC2ThrottledException", throttled, TryAgain::always},
        {"ec2", "Throttling", throttled, TryAgain::always},
        {"ec2", "IdempotentParameterMismatch", conflict},
        {"ec2", "IdempotentInstanceTerminated", conflict},
        {"ec2", "IncorrectInstanceState", conflict},
        {"ec2", "IncorrectState", conflict},
        {"ec2", "PendingVerification", invalid},
        {"ec2", "OptInRequired", invalid},
        {"ec2", "Blocked", invalid},
        {"ec2", "InvalidParameterCombination", invalid},
        {"ec2", "InvalidParameterCombination", invalid, TryAgain::never,
         "The specified instance type is not eligible for Free Tier."},
        {"ec2", "RequestExpired", denied},
        {"ec2", "AuthFailure", denied},
        {"ec2", "UnauthorizedOperation", denied},
        {"ec2", "AccessDenied", denied},
        {"ec2", "OperationNotPermitted", denied},
        {"ec2", "InvalidInstanceID.NotFound", invalid},
        {"ec2", "InvalidLaunchTemplateId.NotFound", invalid},
        {"ec2", "InvalidLaunchTemplateId.VersionNotFound", invalid},
        {"ec2", "InvalidParameterValue", invalid, TryAgain::once,
         "Value (nodenap-worker) for parameter iamInstanceProfile.name is invalid. Invalid IAM "
         "Instance Profile name"},
        {"ec2", "InvalidParameterValue", invalid, TryAgain::never, "Invalid availability zone"},
        {"ec2", "InternalError", unknown_outcome, TryAgain::if_safe},
        {"ec2", "InternalFailure", unknown_outcome, TryAgain::if_safe},
        {"ec2", "Unavailable", unknown_outcome, TryAgain::if_safe},

        {"ssm", "ParameterNotFound", invalid},
        {"ssm", "InvalidKeyId", invalid},
        {"ssm", "InternalServerError", unknown_outcome, TryAgain::if_safe},
        {"ssm", "ThrottlingException", throttled, TryAgain::always},
        {"ssm", "TooManyRequestsException", throttled, TryAgain::always},
        {"ssm", "RequestTimeoutException", unknown_outcome, TryAgain::if_safe},
        {"ssm", "AccessDeniedException", denied},
    };
    return rows;
}

TEST(AwsErrors, TableMapsErrorsToKinds) {
    for (const Row& row : table()) {
        SCOPED_TRACE(row.service + " " + row.code + " " + row.text);
        const AwsErrorRule rule = judge(row.service, {400, row.code, row.text});
        EXPECT_EQ(rule.kind, row.kind);
        EXPECT_EQ(rule.again, row.again);
    }
}

// A row that no case above reaches is a row that nobody has thought about.
TEST(AwsErrors, EveryRowIsReached) {
    std::set<std::string> reached;
    for (const Row& row : table()) {
        const AwsErrorRule rule = judge(row.service, {400, row.code, row.text});
        reached.insert(std::string(rule.service) + " " + std::string(rule.code));
    }
    for (const AwsErrorRule& rule : aws_error_rules()) {
        EXPECT_TRUE(reached.contains(std::string(rule.service) + " " + std::string(rule.code)))
            << rule.service << " " << rule.code;
    }
}

// AWS answers "no capacity" with status 500: the code counts, not the status.
TEST(AwsErrors, CodeTakesPrecedenceOverStatus) {
    EXPECT_EQ(judge("ec2", {500, "InsufficientInstanceCapacity", ""}).kind, no_capacity);
    EXPECT_EQ(judge("ec2", {503, "RequestLimitExceeded", ""}).kind, throttled);
}

TEST(AwsErrors, StatusDecidesWithoutARow) {
    struct Status {
        int status;
        ErrorKind kind;
        TryAgain again;
    };
    for (const Status& row :
         {Status{400, invalid, TryAgain::never}, Status{401, denied, TryAgain::never},
          Status{403, denied, TryAgain::never}, Status{404, invalid, TryAgain::never},
          Status{302, invalid, TryAgain::never}, Status{429, throttled, TryAgain::always},
          Status{500, unknown_outcome, TryAgain::if_safe},
          Status{503, unknown_outcome, TryAgain::if_safe}}) {
        for (const std::string code : {"", "NeverHeardOf"}) {
            const AwsErrorRule rule = judge("ec2", {row.status, code, ""});
            EXPECT_EQ(rule.kind, row.kind) << row.status;
            EXPECT_EQ(rule.again, row.again) << row.status;
        }
    }
}

TEST(AwsErrors, RowsOfOtherServicesAreIgnored) {
    EXPECT_EQ(judge("ssm", {400, "Unsupported", ""}).kind, invalid);
}

// --- reading them -------------------------------------------------------------------------------

struct Reading {
    std::string name;
    std::string body;
    std::string code;
    std::string text;
};

TEST(AwsErrors, AreReadInEveryForm) {
    const std::string xml =
        "<Response><Errors><Error><Code>A.B</Code><Message>m &amp; n</Message>"
        "</Error></Errors><RequestID>r</RequestID></Response>";
    const std::string query =
        "<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>A</Code>"
        "<Message>m</Message></Error></ErrorResponse>";
    const std::vector<Reading> rows = {
        {"EC2's XML", xml, "A.B", "m & n"},
        {"query XML", query, "A", "m"},
        {"JSON with a namespace", R"({"__type":"com.amazonaws.x.v1#A","message":"m"})", "A", "m"},
        {"JSON with Message", R"({"__type":"A","Message":"m"})", "A", "m"},
        {"JSON with a colon", R"({"__type":"A:http://internal/","message":"m"})", "A", "m"},
        {"JSON with code", R"({"code":"A","message":"m"})", "A", "m"},
        {"JSON without text", R"({"__type":"ns#A"})", "A", ""},
        {"broken JSON", R"({"__type":)", "", ""},
        {"JSON of another kind", R"({"error":{"code":1}})", "", ""},
        {"HTML", "<html><head><title>503</title></head><body>x<br></body></html>", "", ""},
        {"text", "upstream connect error", "", ""},
        {"nothing", "", "", ""},
        {"spaces", " \r\n", "", ""},
    };
    for (const Reading& row : rows) {
        SCOPED_TRACE(row.name);
        const AwsFault fault = read_aws_fault(400, row.body);
        EXPECT_EQ(fault.code, row.code);
        EXPECT_EQ(fault.text, row.text);
    }
}

TEST(AwsErrors, RecordedResponsesAreRead) {
    struct Recorded {
        std::string file;
        std::string service;
        int status;
        std::string code;
        ErrorKind kind;
    };
    for (const Recorded& row :
         {Recorded{"ec2/error_not_found.xml", "ec2", 400, "InvalidInstanceID.NotFound", invalid},
          Recorded{"ec2/error_mismatch.xml", "ec2", 400, "IdempotentParameterMismatch", conflict},
          Recorded{"ec2/error_capacity.xml", "ec2", 500, "InsufficientInstanceCapacity",
                   no_capacity},
          Recorded{"ec2/error_page.html", "ec2", 500, "", unknown_outcome},
          Recorded{"dynamodb/refused_moto.json", "dynamodb", 400, "ConditionalCheckFailedException",
                   conflict},
          Recorded{"dynamodb/refused_dynalite.json", "dynamodb", 400,
                   "ConditionalCheckFailedException", conflict},
          Recorded{"dynamodb/no_table_moto.json", "dynamodb", 400, "ResourceNotFoundException",
                   invalid},
          Recorded{"dynamodb/no_table_dynalite.json", "dynamodb", 400, "ResourceNotFoundException",
                   invalid},
          Recorded{"dynamodb/invalid_moto.json", "dynamodb", 400, "ValidationException", invalid},
          Recorded{"dynamodb/invalid_dynalite.json", "dynamodb", 400, "ValidationException",
                   invalid}}) {
        SCOPED_TRACE(row.file);
        const AwsFault fault = read_aws_fault(row.status, fixture(row.file));
        EXPECT_EQ(fault.code, row.code);
        EXPECT_EQ(judge(row.service, fault).kind, row.kind);
    }
}

TEST(AwsErrors, ExplainsTypesOutsideTheFreePlan) {
    const auto advice = [](const std::string& text) {
        return judge("ec2", {400, "InvalidParameterCombination", text}).advice;
    };
    EXPECT_NE(advice("The specified instance type is not eligible for Free Tier. For a list of "
                     "Free Tier instance types, run 'describe-instance-types' with the filter "
                     "'free-tier-eligible=true'.")
                  .find("t3.micro"),
              std::string_view::npos);
    EXPECT_EQ(advice("Network interfaces and an instance-level subnet ID may not be specified"),
              "");
}

}  // namespace
}  // namespace nodenap::test
