#pragma once

#include "adapters/http/http.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/units.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace nodenap {

/// The possible sources of credentials, in the SDKs' order, as values of environment variables.
struct CredentialSources {
    std::string access_key_id;           // AWS_ACCESS_KEY_ID
    Secret secret_access_key;            // AWS_SECRET_ACCESS_KEY
    Secret session_token;                // AWS_SESSION_TOKEN
    std::string container_relative_uri;  // AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
    std::string container_full_uri;      // AWS_CONTAINER_CREDENTIALS_FULL_URI
    Secret container_token;              // AWS_CONTAINER_AUTHORIZATION_TOKEN(_FILE)
    std::string imds_endpoint = "http://169.254.169.254";  // AWS_EC2_METADATA_SERVICE_ENDPOINT
    bool imds_disabled = false;                            // AWS_EC2_METADATA_DISABLED
};

struct AwsCredentials {
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token;
    std::optional<Time> expires_at = std::nullopt;
};

/// One more source, after the keys in the environment and before the container's service: the
/// user's profile.
class CredentialSource {
public:
    virtual ~CredentialSource() = default;
    virtual Result<AwsCredentials> get() = 0;
    /// A description for people.
    virtual std::string_view name() const = 0;
};

/// Credentials of the first configured source, kept until five minutes before they expire. Errors:
/// denied (no source has credentials, or it refused), unavailable (no response), invalid
/// (incomplete key, forbidden address); each error says what to do.
class Credentials {
public:
    /// `profile` may be null, as it is in Lambda; else it must outlive this.
    Credentials(Http& http, CredentialSources sources, CredentialSource* profile = nullptr)
        : http_(http), sources_(std::move(sources)), profile_(profile) {}

    Result<AwsCredentials> get(Time now);
    /// A description of the source, for people.
    std::string_view source() const;
    /// To be called after AWS reported that they have expired.
    void forget() { kept_.reset(); }

private:
    bool in_environment() const;
    bool in_container() const;
    Result<AwsCredentials> ask();
    Result<AwsCredentials> ask_environment() const;
    Result<AwsCredentials> ask_container();
    Result<AwsCredentials> ask_instance();
    Result<std::string> fetch(HttpRequest request, const std::string& who);

    Http& http_;
    CredentialSources sources_;
    CredentialSource* profile_;
    std::optional<AwsCredentials> kept_;
};

}  // namespace nodenap
