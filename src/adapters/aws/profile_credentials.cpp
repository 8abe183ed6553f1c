#include "adapters/aws/profile_credentials.hpp"

#include "base/percent.hpp"
#include "controller/error_codes.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace nodenap {

namespace {

/// Keys of sign-in methods that only the AWS CLI supports.
constexpr std::array<const char*, 6> of_the_cli = {"sso_session",    "sso_start_url",
                                                   "sso_account_id", "login_session",
                                                   "mfa_serial",     "web_identity_token_file"};

std::string value_of(const Profile& profile, const char* key) {
    const auto found = profile.find(key);
    return found == profile.end() ? "" : found->second;
}

bool has_sso(const Profile& profile) {
    return std::ranges::any_of(profile,
                               [](const auto& each) { return each.first.starts_with("sso_"); });
}

/// Only the three values that AWS defines are repeated; messages contain no other value of a
/// profile.
std::string credential_source_of(const Profile& profile) {
    const std::string source = value_of(profile, "credential_source");
    for (const char* known : {"Ec2InstanceMetadata", "EcsContainer", "Environment"}) {
        if (source == known) return source;
    }
    return "not one that AWS supports (Ec2InstanceMetadata, EcsContainer, Environment)";
}

bool needs_cli(const Profile& profile) {
    return std::ranges::any_of(of_the_cli, [&](const char* key) { return profile.contains(key); });
}

/// What the user can do if the AWS CLI returns nothing; it depends on the sign-in method.
std::string advice_for(const std::string& name, const Profile& profile) {
    const auto has = [&](const char* key) { return profile.contains(key); };
    if (has("mfa_serial")) {
        return "it asks for an MFA code, which needs a terminal. Run `aws configure "
               "export-credentials --profile " +
               name + " --format env` there and set the variables that it prints";
    }
    if (has("web_identity_token_file")) {
        return "it exchanges the token in web_identity_token_file. Check that the file exists, "
               "that "
               "the token is still valid, and that the role's trust policy accepts it";
    }
    if (has("credential_source")) {
        return "its credential_source is " + credential_source_of(profile) +
               ". Run this where that has credentials, or use source_profile instead";
    }
    if (has("login_session")) return "sign in first with `aws login --profile " + name + "`";
    if (has("role_arn") && !has_sso(profile)) {
        return "it has role_arn, but neither source_profile nor credential_source. Add one of them";
    }
    return "sign in first with `aws sso login --profile " + name + "`";
}

bool has_keys(const Profile& profile) {
    return profile.contains("aws_access_key_id") || profile.contains("aws_secret_access_key");
}

Error invalid(const std::string& name, const std::string& text) {
    return {ErrorKind::invalid, "profile " + name + " " + text};
}

Result<AwsCredentials> static_keys(const std::string& name, const Profile& profile) {
    AwsCredentials keys{value_of(profile, "aws_access_key_id"),
                        Secret(value_of(profile, "aws_secret_access_key")),
                        Secret(value_of(profile, "aws_session_token"))};
    if (keys.access_key_id.empty() || keys.secret_access_key.empty()) {
        return invalid(name, "must have both aws_access_key_id and aws_secret_access_key");
    }
    return keys;
}

std::string assume_role_body(const Profile& profile) {
    std::string body = "Action=AssumeRole&Version=2011-06-15";
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) body += std::string("&") + name + "=" + percent_encoded(value);
    };
    const std::string session = value_of(profile, "role_session_name");
    add("RoleArn", value_of(profile, "role_arn"));
    add("RoleSessionName", session.empty() ? "nodenap" : session);
    add("DurationSeconds", value_of(profile, "duration_seconds"));
    add("ExternalId", value_of(profile, "external_id"));
    return body;
}

}  // namespace

bool has_credentials(const Profile& profile) {
    return profile.contains("role_arn") || profile.contains("credential_process") ||
           has_keys(profile) || needs_cli(profile);
}

ProfileCredentials::ProfileCredentials(Http& http, Clock& clock, RunProgram run,
                                       ProfileSettings settings)
    : http_(http),
      clock_(clock),
      run_(std::move(run)),
      settings_(std::move(settings)),
      title_("the profile " + settings_.name + " of the shared AWS files") {}

Result<AwsCredentials> ProfileCredentials::get() { return resolve(settings_.name, {}); }

Result<AwsCredentials> ProfileCredentials::resolve(const std::string& name,
                                                   std::vector<std::string> asked) {
    const auto found = settings_.profiles.find(name);
    if (found == settings_.profiles.end()) {
        return invalid(name,
                       "is in neither ~/.aws/config nor ~/.aws/credentials (or the files of "
                       "AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE)");
    }
    const Profile& profile = found->second;
    if (std::ranges::find(asked, name) != asked.end()) {
        return invalid(name, "refers to itself through source_profile");
    }
    asked.push_back(name);
    if (profile.contains("role_arn")) return resolve_role(name, profile, asked);
    if (needs_cli(profile)) return run_aws_cli(name);
    if (has_keys(profile)) return static_keys(name, profile);
    const std::string command = value_of(profile, "credential_process");
    if (!command.empty()) return run_process(name, command);
    return invalid(name, "has no credentials: no keys, no role_arn, no credential_process, no SSO");
}

Result<AwsCredentials> ProfileCredentials::resolve_role(const std::string& name,
                                                        const Profile& profile,
                                                        const std::vector<std::string>& asked) {
    const std::string source = value_of(profile, "source_profile");
    if (source.empty() || needs_cli(profile)) return run_aws_cli(name);
    // A profile may contain the keys that assume its own role.
    const auto keys = source == name ? static_keys(name, profile) : resolve(source, asked);
    return keys ? assume_role(profile, *keys) : keys;
}

Result<AwsCredentials> ProfileCredentials::assume_role(const Profile& profile,
                                                       const AwsCredentials& source) {
    CredentialSources fixed;
    fixed.access_key_id = source.access_key_id;
    fixed.secret_access_key = source.secret_access_key;
    fixed.session_token = source.session_token;
    Credentials credentials(http_, fixed);
    AwsClient sts(http_, clock_, credentials, settings_.aws);
    const auto got = sts.call({"sts", "AssumeRole", assume_role_body(profile), Again::reads});
    if (!got) return got.error();
    return read_assumed_role(got->body);
}

Result<AwsCredentials> ProfileCredentials::run_process(const std::string& name,
                                                       const std::string& command) const {
    const auto said = run_({"/bin/sh", "-c", command});
    if (said) return read_process_answer(*said);
    return Error{ErrorKind::denied,
                 "credential_process of profile " + name + " " + said.error().text, no_credentials};
}

Result<AwsCredentials> ProfileCredentials::run_aws_cli(const std::string& name) const {
    const auto said =
        run_({"aws", "configure", "export-credentials", "--profile", name, "--format", "process"});
    if (said) return read_process_answer(*said);
    if (said.error().code == program_missing) {
        return Error{
            ErrorKind::denied,
            "profile " + name +
                " uses a sign-in method that needs the AWS CLI, which is not installed here: "
                "install version 2, or run `aws configure export-credentials --profile " +
                name + " --format env` where it is installed, and set the variables that it prints",
            no_credentials};
    }
    return Error{ErrorKind::denied,
                 "the AWS CLI, version 2, returned no credentials for profile " + name + " (it " +
                     said.error().text + "): " + advice_for(name, settings_.profiles.at(name)),
                 no_credentials};
}

}  // namespace nodenap
