#pragma once

#include "adapters/aws/profile_files.hpp"
#include "app/config.hpp"

#include <optional>
#include <string>

namespace nodenap {

/// The profile that a command works with.
struct ChosenProfile {
    std::string name;
    Profiles all;  // of both files, as profiles name each other
    std::string region;
};

/// The one of AWS_PROFILE, or "default" where the files have it; nullopt where neither is. A file
/// that is not there has no profiles; invalid: one that cannot be read, or a profile that is named
/// and in neither.
Result<std::optional<ChosenProfile>> choose_profile(const SharedFiles& shared);

}  // namespace nodenap
