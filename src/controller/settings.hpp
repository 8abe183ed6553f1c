#pragma once

#include "model/policy.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace nodenap {

struct MetricsSettings {
    std::string url;
    Milliseconds timeout = std::chrono::seconds(2);
    Milliseconds max_age = std::chrono::seconds(90);
    std::string matcher = {};  // in each selector of the built-in queries: cluster="prod"
    std::optional<std::string> cpu_query;      // a percentage, 0 to 100
    std::optional<std::string> memory_query;   // a percentage, 0 to 100
    std::optional<std::string> pending_query;  // a number of pods
};

/// Exactly one of the two is set.
struct StateSettings {
    std::string dynamodb_table;
    std::string sqlite_path;
};

struct RelookSettings {
    Milliseconds every = std::chrono::seconds(5);
    Milliseconds span = std::chrono::seconds(45);
};

/// The configuration file as plain values; the environment is separate (app/config.hpp).
struct Settings {
    std::string cluster;
    std::string region;
    bool mode_named = true;  // false: the file sets no mode, so passes only observe
    Policy policy;
    MetricsSettings metrics;
    StateSettings state;
    RelookSettings relook;
};

/// The longest that a pass or an invocation may take: the function's timeout, and the command's.
inline constexpr Milliseconds longest_invocation = std::chrono::seconds(100);
/// The lease outlives the deadline by this much.
inline constexpr Milliseconds lease_margin = std::chrono::seconds(15);
/// No outside effect starts if less time is left than the longest call and the release take.
inline constexpr Milliseconds longest_call = std::chrono::seconds(15);
/// Time to record the actions before the deadline ends the process.
inline constexpr Milliseconds longest_release = std::chrono::seconds(3);
/// A launch that is not listed after this time never happens: a signature is valid for 15 minutes,
/// is made up to two minutes after the pass read its clock, and a list may be a minute old. A
/// launch that EC2 has confirmed is awaited for the same time, longer than clocks jump.
inline constexpr Milliseconds launch_settled_after = std::chrono::minutes(18);
/// EC2's lists are eventually consistent: for this long a missing instance proves nothing.
inline constexpr Milliseconds listed_after = std::chrono::minutes(1);
/// For this long after a launch EC2 may respond that it does not know the instance.
inline constexpr Milliseconds known_everywhere_after = std::chrono::minutes(5);
inline constexpr std::size_t calls_in_flight = 5;
inline constexpr int state_format = 1;

}  // namespace nodenap
