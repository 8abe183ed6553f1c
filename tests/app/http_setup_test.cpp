#include "app/http_setup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
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

TEST(HttpSetupDeathTest, DiesAtTheKillPointAndNotBefore) {
    Environment environment;
    environment.kill_at = KillPoint{.request = 2, .before = false};
    const auto options = http_options(environment);
    ASSERT_TRUE(options);
    const auto three_calls = [&] {
        options->on_call(true);
        options->on_call(false);
        options->on_call(true);
        std::fputs("second sent", stderr);
        options->on_call(false);
        std::fputs("too late", stderr);
    };
    EXPECT_EXIT(three_calls(), testing::KilledBySignal(SIGKILL), "second sent$");
}

}  // namespace
}  // namespace nodenap
