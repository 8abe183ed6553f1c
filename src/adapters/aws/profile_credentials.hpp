#pragma once

#include "adapters/aws/client.hpp"
#include "adapters/aws/profile_files.hpp"
#include "adapters/system/program_output.hpp"

#include <functional>
#include <string>
#include <vector>

namespace nodenap {

/// program_output(), or a fake of it in tests.
using RunProgram = std::function<Result<std::string>(const std::vector<std::string>& words)>;

struct ProfileSettings {
    std::string name;  // AWS_PROFILE, or "default"
    Profiles profiles;
    AwsSettings aws;  // for calls to STS
};

/// A profile of the user's shared AWS files, resolved as the AWS CLI does: a role by AssumeRole
/// with a source profile, static keys, a credential process. Methods that need a browser, a prompt
/// or another service (IAM Identity Center, MFA) are delegated to the AWS CLI.
class ProfileCredentials final : public CredentialSource {
public:
    ProfileCredentials(Http& http, Clock& clock, RunProgram run, ProfileSettings settings);

    Result<AwsCredentials> get() override;
    std::string_view name() const override { return title_; }

private:
    Result<AwsCredentials> resolve(const std::string& name, std::vector<std::string> asked);
    Result<AwsCredentials> resolve_role(const std::string& name, const Profile& profile,
                                        const std::vector<std::string>& asked);
    Result<AwsCredentials> assume_role(const Profile& profile, const AwsCredentials& source);
    Result<AwsCredentials> run_process(const std::string& name, const std::string& command) const;
    Result<AwsCredentials> run_aws_cli(const std::string& name) const;

    Http& http_;
    Clock& clock_;
    RunProgram run_;
    ProfileSettings settings_;
    std::string title_;
};

/// Whether the profile defines any way to get credentials.
bool has_credentials(const Profile& profile);

}  // namespace nodenap
