#include "app/config_regions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nodenap {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(ConfigRegions, EveryPartitionsRegionsAreKnown) {
    for (const char* region : {"us-east-1", "ap-southeast-7", "me-west-1", "eusc-de-east-1",
                               "us-gov-west-1", "cn-northwest-1", "us-isob-east-1"}) {
        EXPECT_THAT(region_fault(region, false), IsEmpty()) << region;
    }
}

TEST(ConfigRegions, ASlipIsRefusedWithWhatWasMeant) {
    EXPECT_THAT(region_fault("us-esat-1", false), HasSubstr("did you mean \"us-east-1\"?"));
    EXPECT_THAT(region_fault("eu-wset-1", false), HasSubstr("did you mean \"eu-west-1\"?"));
    EXPECT_THAT(region_fault("us-east-3", false), HasSubstr("unlisted_region"));
    EXPECT_THAT(region_fault("us-east-1a", false), HasSubstr("as \"us-east-1\" has"));
}

TEST(ConfigRegions, ANewRegionIsJudgedByItsForm) {
    EXPECT_THAT(region_fault("us-north-1", true), IsEmpty());
    for (const char* wrong : {"us-east-1a", "useast1", "us-east-", "-1", "1-2", "US-EAST-1", "",
                              "us-east-1 ", "../x-1", "us-1"}) {
        EXPECT_THAT(region_fault(wrong, true), HasSubstr("form of a region")) << wrong;
    }
}

TEST(ConfigRegions, SomePartitionsHaveADomainOfTheirOwn) {
    for (const char* region : {"cn-north-1", "us-iso-east-1", "us-isob-west-1", "us-isof-south-1",
                               "eu-isoe-west-1", "eusc-de-east-1"}) {
        EXPECT_TRUE(has_other_domain(region)) << region;
    }
    for (const char* region : {"us-east-1", "us-gov-west-1", "eu-central-2", "ca-west-1"})
        EXPECT_FALSE(has_other_domain(region)) << region;
}

TEST(ConfigRegions, AZoneIsOneOfItsRegion) {
    for (const char* zone :
         {"us-west-2a", "us-west-2-lax-1a", "us-west-2-wl1-las-wlz-1", "us-west-2d"}) {
        EXPECT_THAT(zone_fault(zone, "us-west-2"), IsEmpty()) << zone;
    }
    EXPECT_THAT(zone_fault("us-isob-east-1a", "us-isob-east-1"), IsEmpty());
    EXPECT_THAT(zone_fault("us-west-1a", "us-west-2"), HasSubstr("is a zone of us-west-1"));
    for (const char* wrong : {"us-west-2", "usw2-az1", "a", "", "us-west-2A", "us-west-22a",
                              "us-west-2-", "us-west-2ab", "us-west-2z"}) {
        EXPECT_THAT(zone_fault(wrong, "us-west-2"), HasSubstr("such as \"us-west-2a\"")) << wrong;
    }
}

TEST(ConfigRegions, AnIdHasItsForm) {
    EXPECT_THAT(id_fault("subnet-0123456789abcdef0", "subnet"), IsEmpty());
    EXPECT_THAT(id_fault("lt-01234567", "lt"), IsEmpty());
    EXPECT_THAT(id_fault("subnet-a", "subnet"), IsEmpty());
    for (const char* wrong :
         {"sn-1", "subnet-a b", "subnet-0123456789ABCDEF0", "subnet-", "subnet-0123456789abcdef01",
          "lt-0123456789abcdef0", "", "subnet-xyz"}) {
        EXPECT_THAT(id_fault(wrong, "subnet"), HasSubstr("form of an id")) << wrong;
    }
}

TEST(ConfigRegions, AUrlIsAnAddressAndNothingElse) {
    for (const char* url : {"http://10.0.1.10:30090", "https://[fd00:ec2::254]",
                            "http://a_b-c.d/p/", "https://prometheus.example.org:9090/a/b%20c"}) {
        EXPECT_THAT(url_fault(url), IsEmpty()) << url;
    }
    for (const char* wrong :
         {"", "ftp://a", "a.example.org", "http://", "http:///p", "http://u:w@a", "http://a?q",
          "http://a#f", "http://a b", "http://a\\b", "http://a/\n", "http://a/\x7F", "http://ä",
          "http://a/ b", "http://a\t", "http://a,b"}) {
        EXPECT_FALSE(url_fault(wrong).empty()) << wrong;
    }
}

TEST(ConfigRegions, ATableHasItsForm) {
    EXPECT_THAT(table_fault("nodenap-prod_1.a"), IsEmpty());
    for (const char* wrong : {"ab", "no table", "tä-ble"}) {
        EXPECT_THAT(table_fault(wrong), HasSubstr("3 to 255")) << wrong;
    }
    EXPECT_THAT(table_fault(std::string(256, 'a')), HasSubstr("3 to 255"));
}

}  // namespace
}  // namespace nodenap
