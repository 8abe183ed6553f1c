// The AWS CLI's shared files, the output of a credential process, and STS's response.

#include "adapters/aws/profile_files.hpp"
#include "fuzz/fuzz.hpp"

#include <cstddef>
#include <string>

namespace nodenap::fuzz {
namespace {

std::size_t size_of(const Profiles& profiles) {
    std::size_t size = 0;
    for (const auto& [name, profile] : profiles) {
        size += name.size();
        for (const auto& [key, value] : profile) size += key.size() + value.size();
    }
    return size;
}

void claim_profiles(std::string_view text, ProfileFile kind) {
    Profiles profiles;
    add_profiles(text, kind, profiles);
    claim(size_of(profiles) <= text.size(), "nothing is read that was not written");
    for (const auto& [name, profile] : profiles) {
        for (const auto& [key, value] : profile) {
            claim(!key.empty() && key.find_first_of("=\n") == key.npos, "a key is one");
            claim(value.find('\n') == value.npos, "a value is of one line");
        }
    }
    const Profiles once = profiles;
    add_profiles(text, kind, profiles);
    claim(profiles == once, "read twice it is the same");
}

void claim_credentials(const Result<AwsCredentials>& found) {
    if (!found) return claim(!found.error().text.empty(), "an error has a text");
    claim(!found->access_key_id.empty() && !found->secret_access_key.empty(), "a key is whole");
}

}  // namespace

void try_input(std::string_view input) {
    claim_profiles(input, ProfileFile::config);
    claim_profiles(input, ProfileFile::credentials);
    claim_credentials(read_process_answer(std::string(input)));
    claim_credentials(read_assumed_role(std::string(input)));
}

}  // namespace nodenap::fuzz
