#include "adapters/aws/ec2_form.hpp"

#include <gtest/gtest.h>

namespace nodenap {
namespace {

TEST(Ec2Form, GrowsFieldByFieldInTheOrderOfTheCalls) {
    Ec2Form form("DescribeSubnets");
    form.add("MaxResults", "5");
    form.add_filter(1, "tag:Name", "a b&c=d");
    form.add_filter(2, "subnet-id", "subnet-a");
    EXPECT_EQ(std::move(form).text(),
              "Action=DescribeSubnets&Version=2016-11-15&MaxResults=5"
              "&Filter.1.Name=tag%3AName&Filter.1.Value.1=a%20b%26c%3Dd"
              "&Filter.2.Name=subnet-id&Filter.2.Value.1=subnet-a");
}

TEST(Ec2Form, NumbersAreBehindADot) { EXPECT_EQ(numbered("Filter", 12), "Filter.12"); }

}  // namespace
}  // namespace nodenap
