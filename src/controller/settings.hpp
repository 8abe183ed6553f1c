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

/// The configuration file as plain values; the environment is kept apart (app/config.hpp).
struct Settings {
    std::string cluster;
    std::string region;
    bool mode_named = true;  // false: the file says no mode, and passes observe
    Policy policy;
    MetricsSettings metrics;
    StateSettings state;
    RelookSettings relook;
};

/// The longest that a pass or an invocation may take: the function's timeout, and the command's.
inline constexpr Milliseconds longest_invocation = std::chrono::seconds(100);
/// The lease outlives the deadline by this much.
inline constexpr Milliseconds lease_margin = std::chrono::seconds(15);
/// No outside effect is begun once less time is left than the longest call and the release take.
inline constexpr Milliseconds longest_call = std::chrono::seconds(15);
/// Time to write down what was done before the deadline ends us.
inline constexpr Milliseconds longest_release = std::chrono::seconds(3);
/// A launch not seen for this long never happens: a signature lasts 15 minutes, is made up to two
/// minutes after the pass read its clock, and a list may be a minute behind. One that EC2 has
/// answered is awaited for as long, which outlasts a clock that jumps by minutes.
inline constexpr Milliseconds launch_settled_after = std::chrono::minutes(18);
/// EC2's lists are consistent in the end: that one does not show an instance proves nothing
/// for this long.
inline constexpr Milliseconds listed_after = std::chrono::minutes(1);
/// For this long after a launch EC2 may answer that it does not know the instance.
inline constexpr Milliseconds known_everywhere_after = std::chrono::minutes(5);
inline constexpr std::size_t calls_in_flight = 5;
inline constexpr int state_format = 1;

}  // namespace nodenap
