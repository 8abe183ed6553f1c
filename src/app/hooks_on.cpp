#include "app/hooks.hpp"

#include <charconv>
#include <csignal>
#include <memory>
#include <string_view>
#include <system_error>

namespace nodenap {
namespace {

/// Where a test wants us to die: before or after the n-th outgoing HTTP request.
struct KillPoint {
    int request = 0;
    bool before = true;
};

/// "3:before", "12:after"; anything else is no kill point.
std::optional<KillPoint> kill_point_from(std::string_view text) {
    KillPoint point;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), point.request);
    if (error != std::errc{} || point.request < 1) return std::nullopt;
    const std::string_view side = text.substr(static_cast<std::size_t>(end - text.data()));
    if (side != ":before" && side != ":after") return std::nullopt;
    point.before = side == ":before";
    return point;
}

/// Whole seconds, "60" or "-60", of less than a year; anything else is a right clock.
Milliseconds clock_fault_from(std::string_view text) {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    constexpr std::int64_t year = std::int64_t{366} * 24 * 3600;
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return std::chrono::seconds(whole && seconds > -year && seconds < year ? seconds : 0);
}

/// SIGKILL to ourselves, as if the machine had gone: nothing is closed, said or released.
std::function<void(bool)> kill_hook(const KillPoint& point) {
    struct Seen {
        int before = 0;
        int after = 0;
    };
    return [point, seen = std::make_shared<Seen>()](bool before) {
        const int count = before ? ++seen->before : ++seen->after;
        if (before == point.before && count == point.request) std::raise(SIGKILL);
    };
}

}  // namespace

void read_test_hooks(const Lookup& lookup, Environment& environment) {
    const auto point = kill_point_from(lookup("NODENAP_TEST_KILL_AT").value_or(""));
    if (point) environment.on_call = kill_hook(*point);
    environment.clock_wrong_by = clock_fault_from(lookup("NODENAP_TEST_CLOCK_OFF_S").value_or(""));
}

}  // namespace nodenap
