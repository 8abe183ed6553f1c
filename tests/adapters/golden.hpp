#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace nodenap::test {

/// Compares with tests/golden/NAME. With NODENAP_UPDATE_GOLDEN=1 the file is written instead: check
/// the difference before committing it, since it is a contract.
inline void expect_golden(const std::string& name, const std::string& got) {
    const auto path = std::string(NODENAP_SOURCE_DIR) + "/tests/golden/" + name;
    if (std::getenv("NODENAP_UPDATE_GOLDEN")) {
        std::ofstream(path, std::ios::binary) << got << '\n';
        return;
    }
    std::ifstream file(path, std::ios::binary);
    ASSERT_TRUE(file) << path;
    const std::string wanted{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(got + '\n', wanted) << path;
}

}  // namespace nodenap::test
