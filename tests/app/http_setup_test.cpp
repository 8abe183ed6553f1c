#include "app/http_setup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace nodenap {
namespace {

Environment with_bundle(const std::string& file) {
    Environment environment;
    environment.ca_bundle = file;
    return environment;
}

TEST(HttpSetup, TrustsAmazonsRootsOrTheBundleInTheirPlace) {
    const auto built_in = http_options(Environment{});
    ASSERT_TRUE(built_in);
    EXPECT_THAT(built_in->root_certificates_pem, testing::HasSubstr("BEGIN CERTIFICATE"));
    EXPECT_FALSE(built_in->on_call);

    const std::string file = testing::TempDir() + "nodenap_bundle";
    std::ofstream(file) << "bundle";
    const auto bundle = http_options(with_bundle(file));
    ASSERT_TRUE(bundle);
    EXPECT_EQ(bundle->root_certificates_pem, "bundle");
}

TEST(HttpSetup, ABundleThatIsNotThereIsSaid) {
    const auto options = http_options(with_bundle("/nowhere.pem"));
    ASSERT_FALSE(options);
    EXPECT_THAT(options.error().text, testing::HasSubstr("AWS_CA_BUNDLE: /nowhere.pem"));
}

TEST(HttpSetup, TakesTheHookOfATest) {
    Environment environment;
    int calls = 0;
    environment.on_call = [&](bool) { ++calls; };
    const auto options = http_options(environment);
    ASSERT_TRUE(options);
    options->on_call(true);
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace nodenap
