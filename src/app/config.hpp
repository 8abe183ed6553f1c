#pragma once

#include "adapters/aws/credentials.hpp"
#include "app/config_document.hpp"
#include "base/result.hpp"
#include "controller/settings.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// A person's profile in the AWS CLI's shared files.
struct SharedFiles {
    std::string profile;           // AWS_PROFILE, else AWS_DEFAULT_PROFILE; empty: not named
    std::string config_file;       // AWS_CONFIG_FILE, else ~/.aws/config
    std::string credentials_file;  // AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials
};

/// The process's environment, read once at start; nothing else of ours looks at it.
struct Environment {
    CredentialSources credentials;
    SharedFiles shared;                                    // of the command only
    std::string endpoint;                                  // AWS_ENDPOINT_URL
    std::map<std::string, std::string> service_endpoints;  // AWS_ENDPOINT_URL_EC2 as "ec2"
    std::string region;                                    // AWS_REGION, else AWS_DEFAULT_REGION
    std::string ca_bundle;  // a file that replaces the built-in roots
    std::string lambda_runtime_api;
    std::string lambda_task_root;
    std::string config_path;  // NODENAP_CONFIG
    bool no_color = false;
    // Of a program for tests only (app/hooks.hpp):
    std::function<void(bool before)> on_call;  // around each outgoing HTTP request
    Milliseconds clock_wrong_by{0};

    /// Whether a test breaks us on purpose; the start says so.
    bool has_test_hooks() const { return on_call || clock_wrong_by != Milliseconds(0); }
};

/// The value of an environment variable, or nullopt; empty counts as unset.
using Lookup = std::function<std::optional<std::string>(const std::string&)>;

Environment environment_from(const Lookup& lookup);
Environment process_environment();

/// The function keeps its state in DynamoDB; a command may keep it in a SQLite file. `offline`: a
/// command that asks nobody, so that ids, zones and the number of nodes may be anything.
enum class Program { function, command, offline };

struct ConfigSource {
    std::string file;  // as it is named in messages
    std::string text;
    std::string region;  // of the environment, used where the file names none
    Program program = Program::command;
};

/// `settings` are for use only where `faults` is empty. Each fault is one line,
/// "FILE:LINE: key: what is wrong and what is allowed"; all of them at once, by line. `diagnostics`
/// are the same in parts.
struct LoadedConfig {
    Settings settings;
    std::vector<std::string> faults;
    std::vector<Diagnostic> diagnostics = {};
};

LoadedConfig read_config(const ConfigSource& source);
/// The same, of a file; one that cannot be read is a fault.
LoadedConfig load_config(const std::string& file, const Environment& environment, Program program);

/// The built-in catalogue of instance types.
Catalogue built_in_instance_types();
/// Whether the region sells the family of this type, as far as the program's own list says.
bool is_sold(std::string_view instance_type, std::string_view region);

/// Whole content of a file; invalid where it cannot be read.
Result<std::string> read_file(const std::string& path);

}  // namespace nodenap
