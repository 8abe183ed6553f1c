#pragma once

#include "adapters/secret.hpp"
#include "controller/settings.hpp"
#include "engine/result.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// Where a test wants us to die: before or after the n-th outgoing HTTP request.
struct KillPoint {
    int request = 0;
    bool before = true;
};

/// Where AWS credentials may come from, as the SDKs name it.
struct CredentialsEnvironment {
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token;
    std::string container_uri;  // AWS_CONTAINER_CREDENTIALS_FULL_URI or the relative one, whole
    Secret container_token;
    std::string container_token_file;
    std::string metadata_url;  // AWS_EC2_METADATA_SERVICE_ENDPOINT
    bool metadata_disabled = false;
};

/// The process's environment, read once at start; nothing else of ours looks at it.
struct Environment {
    CredentialsEnvironment credentials;
    std::map<std::string, std::string> endpoints;  // AWS_ENDPOINT_URL_EC2 as "ec2"; "" for all
    std::string region;                            // AWS_REGION, else AWS_DEFAULT_REGION
    std::string ca_bundle;                         // a file that replaces the built-in roots
    std::string lambda_runtime_api;
    std::string lambda_task_root;
    std::string config_path;  // NODENAP_CONFIG
    bool no_color = false;
    std::optional<KillPoint> kill_at;
};

/// The value of an environment variable, or nullopt; empty counts as unset.
using Lookup = std::function<std::optional<std::string>(const std::string&)>;

Environment environment_from(const Lookup& lookup);
Environment process_environment();

/// The endpoint that the environment names for "ec2", "dynamodb", …; empty for AWS's own.
std::string endpoint_of(const Environment& environment, const std::string& service);

/// The function keeps its state in DynamoDB; a command may keep it in a SQLite file.
enum class Program { function, command };

struct ConfigSource {
    std::string file;  // as it is named in messages
    std::string text;
    std::string region;  // of the environment, used where the file names none
    Program program = Program::command;
};

/// `settings` are for use only where `faults` is empty. Each fault is one line,
/// "FILE:LINE: key: what is wrong and what is allowed"; all of them at once, by line.
struct LoadedConfig {
    Settings settings;
    std::vector<std::string> faults;
};

LoadedConfig read_config(const ConfigSource& source);
/// The same, of a file; one that cannot be read is a fault.
LoadedConfig load_config(const std::string& file, const Environment& environment,
                         Program program);

/// The built-in catalogue of instance types.
std::vector<InstanceType> built_in_instance_types();

/// Whole content of a file; invalid where it cannot be read.
Result<std::string> read_file(const std::string& path);

}  // namespace nodenap
