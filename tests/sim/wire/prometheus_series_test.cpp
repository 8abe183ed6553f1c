#include "sim/wire/prometheus_series.hpp"

#include "adapters/prometheus/parse.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace nodenap {
namespace {

using namespace servers;

TEST(PrometheusSeries, AdapterParsesVectors) {
    const Vector vector = {{{{"instance", "a\"\\b"}, {"part", "used"}}, 0.1},
                           {{}, std::numeric_limits<double>::quiet_NaN()},
                           {{}, -std::numeric_limits<double>::infinity()},
                           {{}, 2147483648.0}};
    const auto body = vector_json(vector, Time{Milliseconds{1795531441834}});
    EXPECT_NE(body.find("[1795531441.834,\"0.1\"]"), std::string::npos) << body;
    const auto read = parse_answer(HttpResponse{200, {}, body});
    ASSERT_TRUE(read) << read.error().text;
    ASSERT_EQ(read->size(), 4U);
    EXPECT_EQ((*read)[0].label("instance"), "a\"\\b");
    EXPECT_EQ((*read)[0].value, 0.1);
    EXPECT_TRUE(std::isnan((*read)[1].value));
    EXPECT_TRUE(std::isinf((*read)[2].value));
    EXPECT_EQ((*read)[3].value, 2147483648.0);
}

}  // namespace
}  // namespace nodenap
