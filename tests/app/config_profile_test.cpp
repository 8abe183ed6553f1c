#include "app/config_profile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace nodenap {
namespace {

using testing::HasSubstr;

std::string file_of(const std::string& name, const std::string& text) {
    const std::string path = testing::TempDir() + "nodenap_profile_" + name;
    std::ofstream(path) << text;
    return path;
}

SharedFiles files(const std::string& profile) {
    return {profile,
            file_of("config", "[default]\nregion = eu-west-1\n[profile work]\nrole_arn = r\n"),
            file_of("credentials", "[work]\naws_access_key_id = AKIA\n")};
}

TEST(ConfigProfile, TheNamedOneIsOfBothFiles) {
    const auto chosen = choose_profile(files("work"));
    ASSERT_TRUE(chosen && *chosen);
    EXPECT_EQ((*chosen)->name, "work");
    EXPECT_EQ((*chosen)->region, "");
    EXPECT_EQ((*chosen)->all.at("work").size(), 2U);
}

TEST(ConfigProfile, WithoutANameItIsTheDefaultOne) {
    const auto chosen = choose_profile(files(""));
    ASSERT_TRUE(chosen && *chosen);
    EXPECT_EQ((*chosen)->name, "default");
    EXPECT_EQ((*chosen)->region, "eu-west-1");
}

TEST(ConfigProfile, WithoutFilesThereIsNone) {
    const auto chosen = choose_profile({"", "/nowhere/config", ""});
    ASSERT_TRUE(chosen);
    EXPECT_FALSE(*chosen);
}

TEST(ConfigProfile, ANameThatNoFileHasIsNotIgnored) {
    const auto chosen = choose_profile(files("wrok"));
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().kind, ErrorKind::invalid);
    EXPECT_THAT(chosen.error().text, HasSubstr("AWS_PROFILE names wrok, which is in neither"));
}

TEST(ConfigProfile, AFileThatCannotBeReadIsSaid) {
    const auto chosen = choose_profile({"", testing::TempDir(), ""});
    ASSERT_FALSE(chosen);
    EXPECT_THAT(chosen.error().text, HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace nodenap
