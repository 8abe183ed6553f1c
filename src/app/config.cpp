#include "app/config.hpp"

#include "app/config_regions.hpp"
#include "app/hooks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>

namespace nodenap {
namespace {

/// A service's name in requests, and in AWS_ENDPOINT_URL_<NAME>.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> services = {
    {{"ec2", "EC2"},
     {"dynamodb", "DYNAMODB"},
     {"ssm", "SSM"},
     {"servicequotas", "SERVICE_QUOTAS"},
     {"iam", "IAM"},
     {"sts", "STS"}}};

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

std::string upper(std::string_view text) {
    std::string upper(text);
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return upper;
}

std::map<std::string, std::string> endpoints_from(const Lookup& lookup) {
    std::map<std::string, std::string> endpoints;
    for (const auto& [service, name] : services) {
        const auto own = lookup("AWS_ENDPOINT_URL_" + std::string(name));
        if (own) endpoints[std::string(service)] = *own;
    }
    return endpoints;
}

/// A file with the token comes before the token itself, as in the SDKs.
Secret container_token_from(const Lookup& lookup) {
    if (const auto file = lookup("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
        const Result<std::string> text = read_file(*file);
        if (text) return Secret(text->substr(0, text->find_last_not_of(" \n\r\t") + 1));
    }
    return Secret(lookup("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or(""));
}

CredentialSources credentials_from(const Lookup& lookup) {
    const auto value = [&lookup](const char* name) { return lookup(name).value_or(""); };
    CredentialSources found;
    found.access_key_id = value("AWS_ACCESS_KEY_ID");
    found.secret_access_key = Secret(value("AWS_SECRET_ACCESS_KEY"));
    found.session_token = Secret(value("AWS_SESSION_TOKEN"));
    found.container_relative_uri = value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    found.container_full_uri = value("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    found.container_token = container_token_from(lookup);
    if (const auto endpoint = lookup("AWS_EC2_METADATA_SERVICE_ENDPOINT")) {
        found.imds_endpoint = *endpoint;
    }
    found.imds_disabled = upper(value("AWS_EC2_METADATA_DISABLED")) == "TRUE";
    return found;
}

SharedFiles shared_files_from(const Lookup& lookup) {
    const std::string home = lookup("HOME").value_or("");
    const auto path = [&](const char* name, const char* in_home) {
        if (const auto own = lookup(name)) {
            return own->starts_with("~/") && !home.empty() ? home + own->substr(1) : *own;
        }
        return home.empty() ? std::string() : home + in_home;
    };
    return {lookup("AWS_PROFILE").value_or(lookup("AWS_DEFAULT_PROFILE").value_or("")),
            path("AWS_CONFIG_FILE", "/.aws/config"),
            path("AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials")};
}

/// Of the environment: of no line.
void add_fault(LoadedConfig& loaded, const std::string& variable, const std::string& text) {
    loaded.faults.push_back(variable + " " + text);
    loaded.diagnostics.push_back({0, variable, text});
}

/// Signed requests and a session's token go to these.
void add_endpoint_faults(const Environment& environment, LoadedConfig& loaded) {
    const auto check = [&](const std::string& variable, const std::string& url) {
        const std::string wrong = url.empty() ? "" : url_fault(url);
        if (!wrong.empty()) add_fault(loaded, variable, wrong);
    };
    check("AWS_ENDPOINT_URL", environment.endpoint);
    for (const auto& [service, name] : services) {
        const auto own = environment.service_endpoints.find(std::string(service));
        if (own == environment.service_endpoints.end()) continue;
        check(fmt::format("AWS_ENDPOINT_URL_{}", name), own->second);
    }
    check("AWS_EC2_METADATA_SERVICE_ENDPOINT", environment.credentials.imds_endpoint);
}

LoadedConfig unreadable(const std::string& cause, Program program) {
    const std::string advice =
        program == Program::command
            ? ". Pass --config FILE or set NODENAP_CONFIG; `nodenap config init` writes a file"
            : "";
    return {{}, {cause + advice}, {{0, "", cause}}};
}

/// Every pass asks EC2 and the store: without their addresses no pass would find them there.
void add_region_faults(const Environment& environment, LoadedConfig& loaded) {
    const auto& settings = loaded.settings;
    if (!has_other_domain(settings.region) || !environment.endpoint.empty()) return;
    for (const auto& [service, name] : services) {
        const bool is_asked =
            service == "ec2" || (service == "dynamodb" && !settings.state.dynamodb_table.empty());
        if (!is_asked || environment.service_endpoints.contains(std::string(service))) continue;
        add_fault(loaded, fmt::format("AWS_ENDPOINT_URL_{}", name),
                  fmt::format("must be set: AWS's services in {} are not under amazonaws.com, "
                              "where Nodenap looks for them",
                              settings.region));
    }
}

}  // namespace

Environment environment_from(const Lookup& lookup) {
    const auto value = [&lookup](const char* name) { return lookup(name).value_or(""); };
    Environment environment;
    environment.credentials = credentials_from(lookup);
    environment.shared = shared_files_from(lookup);
    environment.endpoint = value("AWS_ENDPOINT_URL");
    environment.service_endpoints = endpoints_from(lookup);
    environment.region = lookup("AWS_REGION").value_or(value("AWS_DEFAULT_REGION"));
    environment.ca_bundle = value("AWS_CA_BUNDLE");
    environment.lambda_runtime_api = value("AWS_LAMBDA_RUNTIME_API");
    environment.lambda_task_root = value("LAMBDA_TASK_ROOT");
    environment.config_path = value("NODENAP_CONFIG");
    environment.no_color = lookup("NO_COLOR").has_value();
    read_test_hooks(lookup, environment);
    return environment;
}

Environment process_environment() {
    return environment_from([](const std::string& name) -> std::optional<std::string> {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): read at the start, and nobody writes it
        const char* value = std::getenv(name.c_str());
        if (value == nullptr || *value == '\0') return std::nullopt;
        return value;
    });
}

Result<std::string> read_file(const std::string& path) {
    const auto complaint = [&] {
        const auto cause = std::generic_category().message(errno);
        return Error{ErrorKind::invalid, fmt::format("{} cannot be read: {}", path, cause)};
    };
    // A stream would throw where it meets a directory.
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
    if (file == nullptr) return complaint();
    std::string text;
    std::array<char, 4096> part{};
    while (const auto count = std::fread(part.data(), 1, part.size(), file.get())) {
        text.append(part.data(), count);
    }
    if (std::ferror(file.get()) != 0) return complaint();
    return text;
}

LoadedConfig load_config(const std::string& file, const Environment& environment, Program program) {
    const Result<std::string> text = read_file(file);
    if (!text) return unreadable(text.error().text, program);
    LoadedConfig loaded = read_config({file, *text, environment.region, program});
    add_endpoint_faults(environment, loaded);
    add_region_faults(environment, loaded);
    return loaded;
}

}  // namespace nodenap
