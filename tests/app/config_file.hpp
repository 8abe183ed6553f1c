#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace nodenap::test {

/// Lines 1 to 15, without a fault: the necessary and nothing else.
inline constexpr std::string_view good_file = R"([cluster]
id = "prod"
[aws]
region = "us-east-1"
[metrics]
url = "http://10.0.1.10:30090"
[state]
dynamodb_table = "nodenap"
[[pool]]
name = "workers"
launch_template = "lt-0123456789abcdef0"
launch_template_version = "3"
subnets = ["subnet-0000000a", "subnet-0000000b"]
zones = ["us-east-1a", "us-east-1b"]
instance_types = ["t2.small"]
)";

/// The good file with one text of it replaced; without an old text, with the new one at its end.
inline std::string good_with(std::string_view old_text, std::string_view new_text) {
    std::string text(good_file);
    if (old_text.empty()) return text.append(new_text);
    const std::size_t at = text.find(old_text);
    EXPECT_NE(at, std::string::npos) << old_text;
    return text.replace(at, old_text.size(), new_text);
}

}  // namespace nodenap::test
