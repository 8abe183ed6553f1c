#pragma once

#include "adapters/aws/credentials.hpp"
#include "base/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace nodenap {

/// The keys of one profile, "role_arn" → "arn:aws:iam::…". Some values are secrets: messages
/// contain keys and names of profiles, never values.
using Profile = std::map<std::string, std::string>;
using Profiles = std::map<std::string, Profile>;

/// ~/.aws/config has "[profile NAME]" and "[default]", ~/.aws/credentials has "[NAME]".
enum class ProfileFile { config, credentials };

/// Adds the profiles of one file, replacing keys that exist already, so that ~/.aws/credentials,
/// which is read second, takes precedence as in the SDKs. Never fails: like the SDKs, it skips
/// unknown lines.
void add_profiles(std::string_view text, ProfileFile kind, Profiles& into);

/// The JSON of a `credential_process`, and of `aws configure export-credentials`.
Result<AwsCredentials> read_process_answer(const std::string& json);
/// The answer to STS AssumeRole.
Result<AwsCredentials> read_assumed_role(const std::string& xml);

}  // namespace nodenap
