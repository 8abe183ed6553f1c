#include "adapters/system/own_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>

namespace nodenap {
namespace {

std::string path_of(const char* name) { return testing::TempDir() + "nodenap_own_file_" + name; }

void make_open(const std::string& path, const char* text) {
    std::ofstream(path) << text;
    std::filesystem::permissions(path, std::filesystem::perms(0644));
}

unsigned mode_of(const std::string& path) {
    return static_cast<unsigned>(std::filesystem::status(path).permissions());
}

std::string text_of(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

TEST(OwnFile, IsReadableByItsOwnerOnly) {
    const auto path = path_of("page");
    make_open(path, "an old and longer one");
    EXPECT_TRUE(write_own_file(path, "new"));
    EXPECT_EQ(text_of(path), "new");
    EXPECT_EQ(mode_of(path), 0600U);
    std::filesystem::remove(path);
    const mode_t before = umask(0);
    EXPECT_TRUE(write_own_file(path, "made"));
    umask(before);
    EXPECT_EQ(text_of(path), "made");
    EXPECT_EQ(mode_of(path), 0600U);
}

TEST(OwnFile, DevicesKeepTheirModeAndFailuresAreReported) {
    const auto before = mode_of("/dev/null");
    EXPECT_TRUE(write_own_file("/dev/null", "text"));
    EXPECT_EQ(mode_of("/dev/null"), before);
    EXPECT_FALSE(write_own_file("/dev/full", "text"));
    EXPECT_FALSE(write_own_file(path_of("no_folder") + "/page", "text"));
}

TEST(OwnFile, DatabaseFilesAreReadableByTheirOwnerOnly) {
    const auto path = path_of("db");
    for (const char* end : {"", "-wal", "-shm"}) make_open(path + end, "x");
    keep_to_owner(path);
    for (const char* end : {"", "-wal", "-shm"}) EXPECT_EQ(mode_of(path + end), 0600U) << end;
}

}  // namespace
}  // namespace nodenap
