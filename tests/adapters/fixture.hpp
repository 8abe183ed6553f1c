#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace nodenap::test {

/// The bytes of a file under tests/fixtures: a recorded response of a real peer.
inline std::string fixture(const std::string& path) {
    std::ifstream file(std::string(NODENAP_SOURCE_DIR) + "/tests/fixtures/" + path,
                       std::ios::binary);
    EXPECT_TRUE(file) << path;
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace nodenap::test
