#pragma once

#include "adapters/aws/credentials.hpp"
#include "base/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace nodenap {

/// The keys of one profile, "role_arn" → "arn:aws:iam::…". Some values are secrets: a text of
/// ours names keys and profiles, never a value.
using Profile = std::map<std::string, std::string>;
using Profiles = std::map<std::string, Profile>;

/// ~/.aws/config has "[profile NAME]" and "[default]", ~/.aws/credentials has "[NAME]".
enum class ProfileFile { config, credentials };

/// Adds the profiles of one file; a key that is there already is replaced, so that the second of
/// the two, ~/.aws/credentials, comes before the first as in the SDKs. Never fails: as the SDKs
/// do, it passes over what it does not know.
void add_profiles(std::string_view text, ProfileFile kind, Profiles& into);

/// The JSON of a `credential_process`, and of `aws configure export-credentials`.
Result<AwsCredentials> read_process_answer(const std::string& json);
/// The answer to STS AssumeRole.
Result<AwsCredentials> read_assumed_role(const std::string& xml);

}  // namespace nodenap
