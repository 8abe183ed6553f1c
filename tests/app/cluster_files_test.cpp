#include "app/cli/cluster_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace nodenap {
namespace {

using testing::HasSubstr;

std::string file_of(const std::string& name, const std::string& text) {
    auto path = testing::TempDir() + name;
    std::ofstream(path) << text;
    return path;
}

TEST(ClusterFiles, AreReadIntoOneState) {
    const auto pods = file_of("nodenap_files_pods.json",
                              R"({"kind":"Pod","metadata":{"name":"web","namespace":"a"}})");
    const auto nodes = file_of("nodenap_files_nodes.json",
                               R"({"kind":"Node","metadata":{"name":"one"}}
                                  {"kind":"Secret","metadata":{"name":"s"}})");
    const auto read = read_cluster_files({pods, nodes});
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(read->state.pods.size(), 1U);
    EXPECT_EQ(read->state.nodes.size(), 1U);
    ASSERT_EQ(read->notes.size(), 1U);
    EXPECT_THAT(read->notes[0], HasSubstr("nodenap_files_nodes.json: passed over 1 object"));
}

TEST(ClusterFiles, AFileThatCannotBeReadIsNamed) {
    EXPECT_THAT(read_cluster_files({"/nowhere.json"}).error().text,
                HasSubstr("/nowhere.json cannot be read"));
    const auto broken = file_of("nodenap_files_broken.json", "{\"kind\":");
    EXPECT_THAT(read_cluster_files({broken}).error().text, HasSubstr("nodenap_files_broken.json"));
}

}  // namespace
}  // namespace nodenap
