#include "app/config_settings.hpp"

#include "adapters/prometheus/matcher.hpp"
#include "app/config_regions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace nodenap {
namespace {

constexpr std::array<const char*, 11> known_tables = {
    "cluster", "aws",    "limits",  "scale_up", "scale_down",   "metrics",
    "state",   "relook", "reserve", "pool",     "instance_type"};
constexpr std::array<const char*, 5> reserved_tables = {"headroom", "schedule", "rule",
                                                        "consolidation", "notify"};

bool is_cluster_id(const std::string& id) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    };
    return id.size() <= 64 && std::all_of(id.begin(), id.end(), allowed);
}

void read_cluster(ConfigReader& reader, Settings& settings) {
    reader.require("id");
    reader.read("id", settings.cluster);
    if (!is_cluster_id(settings.cluster)) {
        reader.fault("id", "may have at most 64 letters, digits, '-', '_' and '.'");
    }
    // A file that does not say what it wants is asked nothing dangerous.
    settings.policy.mode = Mode::observe;
    settings.mode_named = reader.has("mode");
    read_mode(reader, settings.policy.mode);
}

/// Whether the region can be one: else nothing is said of zones that are not in it.
bool read_aws(ConfigReader& reader, Settings& settings, const ConfigSource& source) {
    settings.region = source.region;
    reader.read("region", settings.region);
    bool may_be_new = false;
    reader.read("unlisted_region", may_be_new);
    if (settings.region.empty()) {
        if (!reader.has("region")) {
            reader.fault("region", "is missing, and the environment has no AWS_REGION");
        }
        return false;
    }
    // Of the function's environment it is Lambda that says where it runs: it may be any region.
    const bool of_lambda = source.program == Program::function && !reader.has("region");
    const std::string wrong = region_fault(settings.region, may_be_new || of_lambda);
    if (!wrong.empty()) reader.fault("region", wrong);
    return wrong.empty();
}

void read_url(ConfigReader& reader, std::string& url) {
    reader.require("url");
    reader.read("url", url);
    const std::string wrong = url.empty() ? "" : url_fault(url);
    if (!wrong.empty()) reader.fault("url", wrong);
}

/// What a browser or a script showed, of which the address is the beginning.
std::string page_fault(std::string_view url) {
    while (url.ends_with('/')) url.remove_suffix(1);
    const std::size_t api = url.find("/api/v1");
    if (api != url.npos) {
        return fmt::format("must be the address before \"{}\", which Nodenap adds itself",
                           url.substr(api));
    }
    for (const std::string_view page : {"/graph", "/query", "/targets", "/alerts", "/rules"}) {
        if (!url.ends_with(page)) continue;
        return fmt::format("must be the address of Prometheus without the page \"{}\"", page);
    }
    return "";
}

void read_metrics(ConfigReader& reader, MetricsSettings& metrics) {
    read_url(reader, metrics.url);
    const auto of_a_page = page_fault(metrics.url);
    if (!of_a_page.empty()) reader.fault("url", of_a_page);
    reader.read("timeout", metrics.timeout);
    reader.read("max_age", metrics.max_age);
    reader.read("matcher", metrics.matcher);
    if (reader.has("matcher")) {
        const auto wrong = matcher_fault(metrics.matcher);
        if (!wrong.empty()) reader.fault("matcher", wrong);
    }
    reader.read("cpu_query", metrics.cpu_query);
    reader.read("memory_query", metrics.memory_query);
    reader.read("pending_query", metrics.pending_query);
    if (metrics.timeout <= Milliseconds(0) || metrics.timeout > longest_call) {
        reader.fault("timeout", "must be above 0s and at most 15s");
    }
    if (metrics.max_age <= Milliseconds(0)) reader.fault("max_age", "must be above 0s");
}

void read_state(ConfigReader& reader, StateSettings& state, Program program) {
    reader.read("dynamodb_table", state.dynamodb_table);
    reader.read("sqlite", state.sqlite_path);
    const bool both = reader.has("dynamodb_table") && reader.has("sqlite");
    if (both)
        reader.fault("sqlite", "cannot be set together with dynamodb_table; keep one of the two");
    if (program == Program::function && !reader.has("dynamodb_table")) {
        reader.fault("dynamodb_table", "is missing; the function keeps its state in DynamoDB");
    } else if (!reader.has("dynamodb_table") && !reader.has("sqlite")) {
        reader.fault("dynamodb_table",
                     "is missing; name the store: dynamodb_table, or sqlite = \"nodenap.db\" for a "
                     "file on this machine");
    }
    const std::string wrong = state.dynamodb_table.empty() ? "" : table_fault(state.dynamodb_table);
    if (!wrong.empty()) reader.fault("dynamodb_table", wrong);
}

void read_relook(ConfigReader& reader, RelookSettings& relook) {
    reader.read("every", relook.every);
    reader.read("for", relook.span);
    if (relook.every <= Milliseconds(0)) reader.fault("every", "must be above 0s");
    if (relook.span > longest_invocation) {
        reader.fault("for", "must be at most 100s: an invocation ends then");
    }
}

/// Read in full, so that its faults are told too, but not used: this version has no client for it.
void read_kubernetes(const ConfigTable& root, ConfigFaults& faults) {
    const auto found = root.find("kubernetes");
    if (found == root.end()) return;
    faults.add(found->second.line, "kubernetes",
               "not supported by this version; leave the table out, and Nodenap works from "
               "Prometheus");
    in_table(root, "kubernetes", faults, [](ConfigReader& reader) {
        std::string url;
        read_url(reader, url);
        std::optional<std::string> unused;
        for (const char* key :
             {"ca_parameter", "token_parameter", "ca_file", "token_file", "kubeconfig"}) {
            reader.read(key, unused);
        }
    });
}

void check_tables(const ConfigTable& root, ConfigFaults& faults) {
    const ConfigNode whole{1, root};
    ConfigReader reader(whole, "", faults);
    for (const char* name : known_tables) reader.ignore(name);
    reader.ignore("kubernetes");
    for (const char* name : reserved_tables) {
        if (!reader.has(name)) continue;
        reader.fault(name, "is reserved for a later version; leave it out");
        reader.ignore(name);
    }
    reader.finish();
}

/// check() names a type by its name, the file by its place: "instance_type[a.b].vcpu" is there
/// "instance_type[0].vcpu".
std::string path_in_file(const ConfigTable& root, const std::string& key) {
    constexpr std::string_view prefix = "instance_type[";
    const std::size_t end = key.find(']');
    const auto table = root.find("instance_type");
    if (!key.starts_with(prefix) || end == std::string::npos || table == root.end()) return key;
    const std::string name = key.substr(prefix.size(), end - prefix.size());
    const auto* list = std::get_if<ConfigList>(&table->second.value);
    for (std::size_t at = 0; list != nullptr && at < list->size(); ++at) {
        const auto* entry = std::get_if<ConfigTable>(&(*list)[at].value);
        const auto found = entry == nullptr ? ConfigTable::const_iterator() : entry->find("name");
        if (entry == nullptr || found == entry->end()) continue;
        const auto* named = std::get_if<std::string>(&found->second.value);
        if (named != nullptr && *named == name) {
            return fmt::format("{}{}{}", prefix, at, key.substr(end));
        }
    }
    return key;
}

/// Types that the region does not sell, by the list in this program. A function that runs is not
/// stopped by a list that may be older than the region's offering.
void check_sales(const ConfigTable& root, const Settings& settings, ConfigFaults& faults) {
    const auto& pools = settings.policy.pools;
    for (std::size_t at = 0; at < pools.size(); ++at) {
        const auto& types = pools[at].instance_types;
        for (std::size_t one = 0; one < types.size(); ++one) {
            if (is_sold(types[one], settings.region)) continue;
            const std::string path = fmt::format("pool[{}].instance_types[{}]", at, one);
            faults.add_unspoken(line_of(root, path), path,
                                fmt::format("\"{}\" is not sold in {} (data/ec2-regions.json)",
                                            types[one], settings.region));
        }
    }
}

/// What the pools name in the account, by AWS's documented forms. A scenario names none of it.
/// A region that is none is empty: of its zones nothing is said.
void check_account(const ConfigTable& root, const std::vector<Pool>& pools,
                   const std::string& region, ConfigFaults& faults) {
    const auto add = [&](const std::string& path, const std::string& wrong) {
        if (!wrong.empty()) faults.add_unspoken(line_of(root, path), path, wrong);
    };
    for (std::size_t at = 0; at < pools.size(); ++at) {
        const Pool& pool = pools[at];
        const std::string path = fmt::format("pool[{}].", at);
        if (pool.launch_template.starts_with("lt-")) {  // else the policy says so
            add(path + "launch_template", id_fault(pool.launch_template, "lt"));
        }
        for (std::size_t one = 0; one < pool.subnets.size(); ++one) {
            const std::string place = fmt::format("[{}]", one);
            add(path + "subnets" + place, id_fault(pool.subnets[one].id, "subnet"));
            if (region.empty()) continue;
            add(path + "zones" + place, zone_fault(pool.subnets[one].zone, region));
        }
    }
}

void add_policy_faults(const ConfigTable& root, const std::vector<PolicyFault>& found,
                       ConfigFaults& faults) {
    for (const PolicyFault& fault : found) {
        const std::string path = path_in_file(root, fault.key);
        faults.add_unspoken(line_of(root, path), path, fault.text);
    }
}

}  // namespace

void read_whole_policy(const ConfigTable& root, Policy& policy, ConfigFaults& faults,
                       Program program) {
    read_policy(root, policy, faults);
    read_instance_types(root, policy.catalogue, faults);
    read_pools(root, policy, faults);
    const bool is_offline = program == Program::offline;
    add_policy_faults(root, is_offline ? check_offline(policy) : check(policy), faults);
}

LoadedConfig read_config(const ConfigSource& source) {
    ConfigDocument document = parse_config_document(source.text);
    ConfigFaults faults;
    Settings settings;
    if (!document.error.empty()) {
        faults.add(document.error_line, "", "syntax error: " + document.error);
        return {settings, faults.lines(source.file), faults.diagnostics()};
    }
    const ConfigTable& root = document.root;
    settings.policy.catalogue = built_in_instance_types();
    check_tables(root, faults);
    in_table(root, "cluster", faults, [&](ConfigReader& r) { read_cluster(r, settings); });
    bool has_region = false;
    in_table(root, "aws", faults,
             [&](ConfigReader& r) { has_region = read_aws(r, settings, source); });
    in_table(root, "metrics", faults, [&](ConfigReader& r) { read_metrics(r, settings.metrics); });
    in_table(root, "state", faults,
             [&](ConfigReader& r) { read_state(r, settings.state, source.program); });
    in_table(root, "relook", faults, [&](ConfigReader& r) { read_relook(r, settings.relook); });
    read_kubernetes(root, faults);
    read_whole_policy(root, settings.policy, faults, source.program);
    if (source.program == Program::offline) return {settings, faults.lines(source.file)};
    check_account(root, settings.policy.pools, has_region ? settings.region : "", faults);
    if (has_region && source.program == Program::command) check_sales(root, settings, faults);
    return {settings, faults.lines(source.file), faults.diagnostics()};
}

}  // namespace nodenap
