#include "doctor/connection.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace nodenap {
namespace {

/// libcurl's words after "HOST:PORT: ".
constexpr std::array<std::string_view, 5> no_connection = {
    ": Failed to connect to ", ": Could not resolve host", ": Connection timed out",
    ": Resolving timed out", ": Could not connect to "};

struct Place {
    std::size_t begin = std::string_view::npos;  // of the address
    std::size_t end = 0;
};

Place place_of(std::string_view text) {
    for (const auto words : no_connection) {
        const auto end = text.find(words);
        if (end == std::string_view::npos) continue;
        const auto space = text.substr(0, end).rfind(' ');
        return {space == std::string_view::npos ? 0 : space + 1, end};
    }
    return {};
}

struct Group {
    int checks = 0;
    bool failed = false;
    std::string cause;
};

std::string cause_of(std::string_view text, std::string_view address) {
    if (text.find("Could not resolve") != std::string_view::npos) {
        return "the name of " + std::string(address) + " is not known";
    }
    const bool late = text.find("timed out") != std::string_view::npos;
    return (late ? "no answer in time from " : "cannot connect to ") + std::string(address);
}

}  // namespace

std::string_view unreachable_address(std::string_view text) {
    const auto [begin, end] = place_of(text);
    return begin == std::string_view::npos ? "" : text.substr(begin, end - begin);
}

std::string plain_connection(std::string_view text) {
    const auto [begin, end] = place_of(text);
    if (begin == std::string_view::npos) return std::string(text);
    return std::string(text.substr(0, begin)) + cause_of(text, text.substr(begin, end - begin));
}

std::vector<Check> connections_once(std::vector<Check> checks) {
    std::map<std::string, Group, std::less<>> groups;
    for (const Check& check : checks) {
        const auto address = unreachable_address(check.finding.seen);
        if (address.empty()) continue;
        Group& group = groups[std::string(address)];
        ++group.checks;
        group.failed = group.failed || check.finding.status == CheckStatus::failed;
        group.cause = cause_of(check.finding.seen, address);
    }
    std::vector<Check> once;
    for (Check& check : checks) {
        const std::string address(unreachable_address(check.finding.seen));
        const auto group = groups.find(address);
        if (group == groups.end() || group->second.checks == 1) {
            check.finding.seen = plain_connection(check.finding.seen);
            once.push_back(std::move(check));
            continue;
        }
        if (!group->second.cause.empty()) {
            const auto status =
                group->second.failed ? CheckStatus::failed : CheckStatus::not_checked;
            once.push_back({"connection to " + address,
                            {status, std::exchange(group->second.cause, ""),
                             "Check the network, [aws] region and AWS_ENDPOINT_URL."}});
        }
        check.finding = {CheckStatus::not_checked, "depends on the connection to " + address};
        once.push_back(std::move(check));
    }
    return once;
}

}  // namespace nodenap
