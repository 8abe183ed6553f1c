#pragma once

#include "adapters/credentials.hpp"
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

/// The process's environment, read once at start; nothing else of ours looks at it.
struct Environment {
    CredentialSources credentials;
    std::string endpoint;                                  // AWS_ENDPOINT_URL
    std::map<std::string, std::string> service_endpoints;  // AWS_ENDPOINT_URL_EC2 as "ec2"
    std::string region;                                    // AWS_REGION, else AWS_DEFAULT_REGION
    std::string ca_bundle;  // a file that replaces the built-in roots
    std::string lambda_runtime_api;
    std::string lambda_task_root;
    std::string config_path;  // NODENAP_CONFIG
    bool no_color = false;
    std::optional<KillPoint> kill_at;
    Milliseconds clock_wrong_by{0};  // NODENAP_TEST_CLOCK_OFF_S

    /// Whether a test breaks us on purpose; the start says so.
    bool has_test_hooks() const { return kill_at || clock_wrong_by != Milliseconds(0); }
};

/// The value of an environment variable, or nullopt; empty counts as unset.
using Lookup = std::function<std::optional<std::string>(const std::string&)>;

Environment environment_from(const Lookup& lookup);
Environment process_environment();

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
LoadedConfig load_config(const std::string& file, const Environment& environment, Program program);

/// The built-in catalogue of instance types.
Catalogue built_in_instance_types();

/// Whole content of a file; invalid where it cannot be read.
Result<std::string> read_file(const std::string& path);

}  // namespace nodenap
