#include "sim/wire/form.hpp"

#include "adapters/aws/ec2_requests.hpp"

#include <gtest/gtest.h>

namespace nodenap {
namespace {

using namespace servers;

TEST(Form, ReadsTheAdaptersForms) {
    Ec2Form written("RunInstances");
    written.add("Tag.1.Value", "a b&c=d+ü%");
    written.add("Empty", "");
    const Form form = form_of(std::move(written).text());
    EXPECT_EQ(field(form, "Action"), "RunInstances");
    EXPECT_EQ(field(form, "Tag.1.Value"), "a b&c=d+ü%");
    EXPECT_EQ(field(form, "Empty"), "");
    EXPECT_EQ(field(form, "Nothing"), "");
    EXPECT_EQ(form.size(), 4U);
}

TEST(Form, OfNothingIsEmpty) { EXPECT_TRUE(form_of("").empty()); }

}  // namespace
}  // namespace nodenap
