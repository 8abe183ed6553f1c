#include "app/config_profile.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

namespace nodenap {
namespace {

Status add_file(const std::string& path, ProfileFile kind, Profiles& into) {
    std::error_code unknown;
    if (path.empty() || !std::filesystem::exists(path, unknown)) return Done{};
    const Result<std::string> text = read_file(path);
    if (!text) return text.error();
    add_profiles(*text, kind, into);
    return Done{};
}

}  // namespace

Result<std::optional<ChosenProfile>> choose_profile(const SharedFiles& shared) {
    ChosenProfile chosen;
    chosen.name = shared.profile.empty() ? "default" : shared.profile;
    const Status config = add_file(shared.config_file, ProfileFile::config, chosen.all);
    if (!config) return config.error();
    const Status keys = add_file(shared.credentials_file, ProfileFile::credentials, chosen.all);
    if (!keys) return keys.error();
    const auto found = chosen.all.find(chosen.name);
    if (found == chosen.all.end()) {
        if (shared.profile.empty()) return std::optional<ChosenProfile>{};
        return Error{ErrorKind::invalid, "AWS_PROFILE names " + chosen.name +
                                             ", which is in neither " + shared.config_file +
                                             " nor " + shared.credentials_file};
    }
    const auto region = found->second.find("region");
    if (region != found->second.end()) chosen.region = region->second;
    return std::optional(std::move(chosen));
}

}  // namespace nodenap
