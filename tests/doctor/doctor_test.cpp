#include "adapters/aws/ec2_requests.hpp"
#include "adapters/fake_aws.hpp"
#include "adapters/fixture.hpp"
#include "doctor/answers.hpp"
#include "doctor/aws.hpp"
#include "doctor/monitoring.hpp"
#include "doctor/requests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Operation operation() {
    Operation made;
    made.id = "trial-1";
    made.since = fake_start;
    made.offering = {"workers", "t3.small", "us-east-1a", Capacity::on_demand};
    made.subnet = "subnet-a";
    made.launch_template = "lt-0abc";
    made.launch_template_version = "3";
    return made;
}

/// A doctor at a fake AWS.
struct Practice {
    FakeAws aws;
    DoctorAws doctor{{aws.http, aws.clock, aws.credentials, aws.client}, "prod"};
};

std::string error_xml(const std::string& code) {
    return "<Response><Errors><Error><Code>" + code +
           "</Code><Message>said so</Message></Error></Errors></Response>";
}

// --- rehearsals
// -----------------------------------------------------------------------------------

TEST(DoctorAws, ARehearsalIsTheRequestOfAPassAndTheFlag) {
    EXPECT_EQ(dry_launch(operation(), "prod").body,
              run_instances_body(operation(), "prod") + "&DryRun=true");
    EXPECT_EQ(dry_termination("i-0abc").body, terminate_instances_body("i-0abc") + "&DryRun=true");
    EXPECT_EQ(dry_launch(operation(), "prod").again, Again::reads);
}

TEST(DoctorAws, ARehearsalThatPassesIsAnErrorOfItsOwn) {
    Practice practice;
    practice.aws.then(412, fixture("ec2/dry_run.xml"));
    practice.aws.then(412, fixture("ec2/dry_run.xml"));
    const auto answers = practice.doctor.try_launches({operation()});
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_TRUE(answers[0]);
    EXPECT_TRUE(practice.doctor.try_termination("i-0abc"));
    EXPECT_THAT(practice.aws.bodies(), ::testing::Each(HasSubstr("&DryRun=true")));
    EXPECT_EQ(practice.aws.calls(), 2U) << "asked once each";
}

TEST(DoctorAws, ARefusedRehearsalSaysWhatWasMissing) {
    Practice practice;
    practice.aws.then(403, error_xml("UnauthorizedOperation"));
    practice.aws.then(400, error_xml("InvalidSubnetID.NotFound"));
    const Status denied = practice.doctor.try_termination("i-0abc");
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().kind, ErrorKind::denied);
    EXPECT_EQ(denied.error().code, "UnauthorizedOperation");
    EXPECT_EQ(practice.doctor.try_launches({operation()})[0].error().kind, ErrorKind::invalid);
}

TEST(DoctorAws, ARehearsalTakenForRealIsAFailure) {
    Practice practice;
    practice.aws.then(200, fixture("ec2/terminate.xml"));
    const Status taken = practice.doctor.try_termination("i-0abc");
    ASSERT_FALSE(taken);
    EXPECT_THAT(taken.error().text, HasSubstr("treated a dry run as a real request"));
}

// --- what the configuration names
// -----------------------------------------------------------------

TEST(DoctorAws, ReadsThoseSubnetsThatExist) {
    Practice practice;
    practice.aws.then(200, fixture("ec2/subnets.xml"));
    const auto seen = practice.doctor.subnets({"subnet-a", "subnet-b"});
    ASSERT_TRUE(seen);
    ASSERT_EQ(seen->size(), 2U);
    EXPECT_EQ((*seen)[0].id, "subnet-0ee36709f9782911c");
    EXPECT_EQ((*seen)[0].zone, "us-east-1a");
    EXPECT_EQ((*seen)[0].state, "available");
    EXPECT_EQ((*seen)[0].free_addresses, 251);
    EXPECT_THAT(practice.aws.bodies().at(0),
                HasSubstr("Filter.1.Name=subnet-id&Filter.1.Value.1=subnet-a"
                          "&Filter.1.Value.2=subnet-b"));
}

TEST(DoctorAws, ReadsThePinnedVersionAndNoUserData) {
    Practice practice;
    practice.aws.then(200, fixture("ec2/template.xml"));
    const auto seen = practice.doctor.launch_template("lt-0abc", "2");
    ASSERT_TRUE(seen && *seen);
    EXPECT_EQ((*seen)->image, "ami-0a1b2c3d4e5f60001");
    EXPECT_TRUE((*seen)->imds_v2_only);
    EXPECT_FALSE((*seen)->own_network_interface);
    EXPECT_EQ((*seen)->instance_profile, "");
    EXPECT_THAT(practice.aws.bodies().at(0),
                HasSubstr("LaunchTemplateId=lt-0abc&LaunchTemplateVersion.1=2"));
}

TEST(DoctorAws, ATemplateWithInterfaceAndProfileShowsThem) {
    const auto seen = read_template(
        "<DescribeLaunchTemplateVersionsResponse><launchTemplateVersionSet><item>"
        "<launchTemplateData><imageId>ami-1</imageId>"
        "<iamInstanceProfile><arn>arn:aws:iam::1:instance-profile/w</arn></iamInstanceProfile>"
        "<networkInterfaceSet><item><deviceIndex>0</deviceIndex></item></networkInterfaceSet>"
        "<creditSpecification><cpuCredits>unlimited</cpuCredits></creditSpecification>"
        "</launchTemplateData></item></launchTemplateVersionSet>"
        "</DescribeLaunchTemplateVersionsResponse>");
    ASSERT_TRUE(seen && *seen);
    EXPECT_TRUE((*seen)->own_network_interface);
    EXPECT_EQ((*seen)->cpu_credits, "unlimited");
    EXPECT_FALSE((*seen)->imds_v2_only);
    EXPECT_EQ((*seen)->instance_profile, "arn:aws:iam::1:instance-profile/w");
}

TEST(DoctorAws, WhatIsNotThereIsNoFailureOfTheCall) {
    Practice practice;
    practice.aws.then(400, error_xml("InvalidLaunchTemplateId.VersionNotFound"));
    practice.aws.then(400, error_xml("InvalidLaunchTemplateId.NotFound"));
    practice.aws.then(200, R"({"Parameters":[]})");
    for (int call = 0; call < 2; ++call) {
        const auto seen = practice.doctor.launch_template("lt-0abc", "9");
        ASSERT_TRUE(seen);
        EXPECT_FALSE(*seen);
    }
    const auto changed = practice.doctor.parameter_changed_at("/none");
    ASSERT_TRUE(changed);
    EXPECT_FALSE(*changed);
}

TEST(DoctorAws, AParametersTimeIsReadAndItsValueNot) {
    Practice practice;
    practice.aws.then(200, R"({"Parameters": [{"Name": "/k", "Type": "SecureString",)"
                           R"( "LastModifiedDate": 1795464000.451, "Version": 1}]})");
    const auto changed = practice.doctor.parameter_changed_at("/k3s/prod/agent-token");
    ASSERT_TRUE(changed && *changed);
    EXPECT_EQ(**changed, fake_start + Milliseconds(451));
    const FakeRequest asked = practice.aws.server.requests().at(0);
    EXPECT_EQ(asked.headers.at("x-amz-target"), "AmazonSSM.DescribeParameters");
    EXPECT_THAT(asked.body, HasSubstr(R"("Values":["/k3s/prod/agent-token"])"));
}

TEST(DoctorAws, TheQuotaIsThatOfTheWayToBuy) {
    Practice practice;
    practice.aws.then(200, R"({"Quota": {"QuotaCode": "L-1216C47A", "Value": 32.0}})");
    practice.aws.then(400, R"({"__type": "NoSuchResourceException", "message": "none"})");
    const auto allowed = practice.doctor.vcpu_quota(Capacity::on_demand);
    ASSERT_TRUE(allowed);
    EXPECT_EQ(*allowed, 32);
    const auto spot = practice.doctor.vcpu_quota(Capacity::spot);
    ASSERT_FALSE(spot);
    EXPECT_EQ(spot.error().kind, ErrorKind::unavailable) << "it is not known, and nothing is wrong";
    const FakeRequest asked = practice.aws.server.requests().at(0);
    EXPECT_EQ(asked.headers.at("x-amz-target"), "ServiceQuotasV20190624.GetServiceQuota");
    EXPECT_THAT(asked.headers.at("authorization"), HasSubstr("/servicequotas/aws4_request"));
    EXPECT_THAT(practice.aws.bodies(),
                ElementsAre(HasSubstr("L-1216C47A"), HasSubstr("L-34B43A08")));
}

TEST(DoctorAws, WhatIsSoldIsReadPageByPage) {
    const auto page = [](const std::string& type, const std::string& zone, const std::string& end) {
        return "<DescribeInstanceTypeOfferingsResponse><instanceTypeOfferingSet><item>"
               "<instanceType>" +
               type +
               "</instanceType><locationType>availability-zone"
               "</locationType><location>" +
               zone + "</location></item></instanceTypeOfferingSet>" + end +
               "</DescribeInstanceTypeOfferingsResponse>";
    };
    Practice practice;
    practice.aws.then(200, page("t2.small", "us-east-1a", "<nextToken>more</nextToken>"));
    practice.aws.then(200, page("t3.small", "us-east-1b", "<nextToken/>"));
    const auto sold = practice.doctor.sold_types({"t2.small", "t3.small"});
    ASSERT_TRUE(sold);
    EXPECT_THAT(*sold, ElementsAre(TypeInZone{"t2.small", "us-east-1a"},
                                   TypeInZone{"t3.small", "us-east-1b"}));
    EXPECT_THAT(practice.aws.bodies(),
                ElementsAre(HasSubstr("LocationType=availability-zone&Filter.1.Name=instance-type"
                                      "&Filter.1.Value.1=t2.small&Filter.1.Value.2=t3.small"),
                            HasSubstr("NextToken=more")));
    for (const char* body : {"", "<x/>", "{}"}) EXPECT_FALSE(read_offerings(body)) << body;
    EXPECT_FALSE(read_offerings(page("", "us-east-1a", "")));
}

TEST(DoctorAws, TheRoleForSpotIsAskedOfIam) {
    Practice practice;
    const std::string none =
        "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code>"
        "<Message>The role with name AWSServiceRoleForEC2Spot cannot be found.</Message></Error>"
        "</ErrorResponse>";
    practice.aws.then(200, "<GetRoleResponse/>");
    practice.aws.then(404, none);
    practice.aws.then(403,
                      "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>");
    EXPECT_TRUE(*practice.doctor.has_spot_role());
    EXPECT_FALSE(*practice.doctor.has_spot_role());
    const auto denied = practice.doctor.has_spot_role();
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().kind, ErrorKind::denied);
    const FakeRequest asked = practice.aws.server.requests().at(0);
    EXPECT_EQ(asked.body, "Action=GetRole&Version=2010-05-08&RoleName=AWSServiceRoleForEC2Spot");
    EXPECT_THAT(asked.headers.at("authorization"), HasSubstr("/us-east-1/iam/aws4_request"));
}

TEST(DoctorAws, AnAnswerThatCannotBeReadIsSaidSo) {
    for (const std::string body : {"", "<html>", "{}", "[1]", "{\"Parameters\":[{}]}"}) {
        EXPECT_FALSE(read_subnets(body)) << body;
        EXPECT_FALSE(read_template(body)) << body;
        EXPECT_FALSE(read_parameter_time(body)) << body;
        EXPECT_FALSE(read_quota(body)) << body;
    }
    for (const char* seconds : {"1e300", "-1e300", "-1", "253402300800", "\"1\""}) {
        EXPECT_FALSE(read_parameter_time(R"({"Parameters":[{"LastModifiedDate":)" +
                                         std::string(seconds) + "}]}"))
            << seconds;
    }
    EXPECT_FALSE(
        read_subnets("<DescribeSubnetsResponse><subnetSet><item><subnetId>s</subnetId>"
                     "</item></subnetSet></DescribeSubnetsResponse>"));
}

// --- who asks, and when
// ---------------------------------------------------------------------------

TEST(DoctorAws, AwsTellsItsTimeWithoutASignature) {
    Practice practice;
    practice.aws.then(302, "", "Date: Mon, 23 Nov 2026 20:00:00 GMT\r\n");
    practice.aws.then(200, "");
    const auto time = practice.doctor.aws_time();
    ASSERT_TRUE(time);
    EXPECT_EQ(*time, fake_start + Milliseconds(500));
    const FakeRequest asked = practice.aws.server.requests().at(0);
    EXPECT_EQ(asked.method, "GET");
    EXPECT_FALSE(asked.headers.contains("authorization"));
    EXPECT_FALSE(practice.doctor.aws_time()) << "an answer without a date";
}

TEST(DoctorAws, TheSourceOfTheCredentialsIsNamedAndTheyAreNot) {
    Practice practice;
    const auto seen = practice.doctor.credentials();
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->source, "the environment (AWS_ACCESS_KEY_ID)");
    EXPECT_EQ(seen->expires_at, std::nullopt);
}

// --- Prometheus
// -----------------------------------------------------------------------------------

std::string series(const std::string& labels, const std::string& value = "1") {
    return R"({"metric":{)" + labels + R"(},"value":[1795464000,")" + value + R"("]})";
}

std::string vector_answer() {
    return R"({"status":"success","data":{"resultType":"vector","result":[)" +
           series(R"("part":"targets","job":"kubelet")", "3") + "," +
           series(R"("part":"targets","job":"ksm")") + "," +
           series(R"("part":"down","job":"kubelet")", "2") + "," +
           series(R"("part":"versions","node":"server","kubelet_version":"v1.34.4+k3s1")") + "," +
           series(R"("part":"versions","node":"i-1","kubelet_version":"v1.33.1+k3s1")") + "," +
           series(R"("part":"servers","node":"server")") + "," +
           series(R"("part":"kube_pod_status_qos_class")") + "," +
           series(R"("part":"api","git_version":"v1.34.4+k3s1")") + "]}}";
}

TEST(DoctorMonitoring, ReadsTargetsAndVersions) {
    FakeServer server([](const FakeRequest&) {
        return FakeReply{answer(200, vector_answer(), "Date: Mon, 23 Nov 2026 20:00:00 GMT\r\n")};
    });
    NetworkHttp http({});
    MetricsSettings settings;
    settings.url = server.url("");
    const auto seen = DoctorMonitoring(http, settings).look(fake_start);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->clock, fake_start);
    ASSERT_EQ(seen->jobs.size(), 2U);
    EXPECT_EQ(seen->jobs[0].targets, 3);
    EXPECT_EQ(seen->jobs[0].down, 2);
    EXPECT_EQ(seen->jobs[1].down, 0);
    ASSERT_EQ(seen->nodes.size(), 2U);
    EXPECT_TRUE(seen->nodes[0].server);
    EXPECT_EQ(seen->nodes[1].version, "v1.33.1+k3s1");
    EXPECT_FALSE(seen->nodes[1].server);
    EXPECT_EQ(seen->api_version, "v1.34.4+k3s1");
    EXPECT_EQ(seen->missing, (std::vector<std::string>{"container_cpu_usage_seconds_total of pods",
                                                       "kube_node_status_addresses"}));
    EXPECT_THAT(server.requests().at(0).body, HasSubstr("time=1795464000.000"));
}

TEST(DoctorMonitoring, APeerThatIsNoPrometheusIsNamedAsSuch) {
    FakeServer server([](const FakeRequest&) { return FakeReply{answer(404, "<html>")}; });
    NetworkHttp http({});
    MetricsSettings settings;
    settings.url = server.url("");
    EXPECT_FALSE(DoctorMonitoring(http, settings).look(fake_start));
}

}  // namespace
}  // namespace nodenap::test
