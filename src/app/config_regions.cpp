#include "app/config_regions.hpp"

#include "app/config_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace nodenap {
namespace {

/// Every region of botocore 1.44.8 (partitions.json), whose list is of this month. AWS opens a few
/// a year; `unlisted_region` is the way for one that is newer than this program.
constexpr std::string_view list_date = "2026-11";
constexpr std::array<std::string_view, 48> regions = {
    "af-south-1",      "ap-east-1",      "ap-east-2",      "ap-northeast-1", "ap-northeast-2",
    "ap-northeast-3",  "ap-south-1",     "ap-south-2",     "ap-southeast-1", "ap-southeast-2",
    "ap-southeast-3",  "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
    "ca-central-1",    "ca-west-1",      "cn-north-1",     "cn-northwest-1", "eu-central-1",
    "eu-central-2",    "eu-isoe-west-1", "eu-north-1",     "eu-south-1",     "eu-south-2",
    "eu-west-1",       "eu-west-2",      "eu-west-3",      "eusc-de-east-1", "il-central-1",
    "me-central-1",    "me-south-1",     "me-west-1",      "mx-central-1",   "sa-east-1",
    "sa-west-1",       "us-east-1",      "us-east-2",      "us-gov-east-1",  "us-gov-west-1",
    "us-iso-east-1",   "us-iso-west-1",  "us-isob-east-1", "us-isob-west-1", "us-isof-east-1",
    "us-isof-south-1", "us-west-1",      "us-west-2"};

/// us-east-1 has the most zones, a to f; two more may come.
constexpr char last_zone = 'h';

constexpr std::string_view digits = "0123456789";
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";

bool is_listed(std::string_view region) {
    return std::ranges::find(regions, region) != regions.end();
}

/// Letters and hyphens, and a number at the end: "eu-west-1".
bool has_form_of_region(std::string_view region) {
    const std::size_t end = region.find_last_not_of(digits);
    if (end == region.npos || end + 1 == region.size() || region[end] != '-') return false;
    const std::string_view words = region.substr(0, end);
    return std::ranges::count(words, '-') >= 1 && letters.find(words.front()) != letters.npos &&
           words.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == words.npos;
}

/// The listed region that `zone` begins with, or empty.
std::string_view region_of(std::string_view zone) {
    std::string_view longest;
    for (const std::string_view region : regions) {
        if (zone.starts_with(region) && region.size() > longest.size()) longest = region;
    }
    return longest;
}

}  // namespace

std::string region_fault(const std::string& region, bool may_be_new) {
    if (is_listed(region)) return "";
    if (!has_form_of_region(region)) {
        const std::string meant = nearest_word(region, {regions.begin(), regions.end()});
        return fmt::format("\"{}\" does not have the form of a region, as \"{}\" has", region,
                           meant.empty() ? "us-east-1" : meant);
    }
    if (may_be_new) return "";
    const std::string meant = nearest_word(region, {regions.begin(), regions.end()});
    const std::string hint = meant.empty() ? "" : "; did you mean \"" + meant + "\"?";
    return fmt::format(
        "\"{}\" is not an AWS region in the list of {}{} (unlisted_region = true takes a newer "
        "one)",
        region, list_date, hint);
}

bool has_other_domain(std::string_view region) {
    constexpr std::array<std::string_view, 4> partitions = {"cn-", "us-iso", "eu-iso", "eusc-"};
    return std::ranges::any_of(partitions,
                               [&](std::string_view each) { return region.starts_with(each); });
}

std::string zone_fault(std::string_view zone, std::string_view region) {
    const std::string_view of = region_of(zone);
    if (!zone.starts_with(region) || (!of.empty() && of != region)) {
        return of.empty()
                   ? fmt::format("\"{}\" is not a zone of {}, such as \"{}a\"", zone, region,
                                 region)
                   : fmt::format("\"{}\" is a zone of {}; the region is {}", zone, of, region);
    }
    const std::string_view rest = zone.substr(region.size());
    const bool is_plain = rest.size() == 1 && rest.front() >= 'a' && rest.front() <= last_zone;
    const bool is_local =
        rest.size() > 2 && rest.front() == '-' && rest.back() != '-' &&
        rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == rest.npos;
    if (is_plain || is_local) return "";
    return fmt::format("\"{}\" is not a zone of {}, such as \"{}a\"", zone, region, region);
}

std::string id_fault(std::string_view id, std::string_view kind) {
    const std::string prefix = std::string(kind) + "-";
    const std::string_view rest = id.starts_with(prefix) ? id.substr(prefix.size()) : "";
    // AWS writes 8 or 17 of them; stand-ins for AWS make shorter ones.
    const bool has_form = !rest.empty() && rest.size() <= 17 &&
                          rest.find_first_not_of("0123456789abcdef") == rest.npos;
    if (has_form) return "";
    return fmt::format(
        "\"{}\" does not have the form of an id: \"{}\" and digits 0-9 and a-f, "
        "such as \"{}0123456789abcdef0\"",
        id, prefix, prefix);
}

std::string url_fault(std::string_view url) {
    const std::size_t scheme = url.find("://");
    const std::string_view protocol = url.substr(0, scheme);
    if (scheme == url.npos || (protocol != "http" && protocol != "https")) {
        return "must begin with http:// or https://";
    }
    const std::size_t begin = scheme + 3;
    const std::string_view host = url.substr(begin, url.find('/', begin) - begin);
    if (host.empty()) return "names no host";
    if (url.find('@') != url.npos) return "must not hold a password: logs would show it";
    if (url.find_first_of("?#") != url.npos) {
        return "must end with its path: what follows \"?\" or \"#\" has no use here, and logs "
               "would show it";
    }
    const auto is_of_a_host = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("-._:[]").find(c) != std::string_view::npos;
    };
    if (!std::ranges::all_of(host, is_of_a_host)) {
        return "must name its host in letters, digits, '-', '_' and '.', or as an address";
    }
    const auto is_visible = [](char c) { return c > ' ' && c <= '~'; };
    if (!std::ranges::all_of(url, is_visible)) return "must hold neither spaces nor other letters";
    return "";
}

std::string table_fault(std::string_view table) {
    const bool has_form =
        table.size() >= 3 && table.size() <= 255 && std::ranges::all_of(table, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '_' || c == '.' || c == '-';
        });
    return has_form ? "" : "must have 3 to 255 letters, digits, '_', '.' and '-'";
}

}  // namespace nodenap
