#include "app/cli/plan_offline.hpp"

#include "adapters/json/decision_json.hpp"
#include "app/cli/cluster_files.hpp"
#include "base/time_text.hpp"
#include "decide/assumed_policy.hpp"

namespace nodenap {
namespace {

/// The text as it is typed: "2026-12-01T12:00:00Z".
Result<Time> time_of(const OfflinePlanOptions& options, Time present) {
    if (options.now.empty()) return present;
    const auto time = time_from_text(options.now);
    if (time) return *time;
    return Error{ErrorKind::invalid,
                 "--now " + options.now + " is no time in UTC, as 2026-12-01T12:00:00Z"};
}

Result<Policy> assumed_policy(const std::vector<std::string>& types, const ClusterState& state) {
    const auto catalogue = built_in_instance_types();
    for (const auto& type : types) {
        if (catalogue.find(type) == nullptr)
            return Error{ErrorKind::invalid, "--types " + type +
                                                 " is not in the catalogue: name it as an "
                                                 "[[instance_type]] of a configuration"};
    }
    return policy_of_types(types, catalogue, state);
}

}  // namespace

Exit plan_offline(const FileSession& session, const OfflinePlanOptions& options) {
    const auto now = time_of(options, session.now);
    if (!now) return refuse(session.options, session.terminal, now.error(), Exit::usage);
    const bool has_types = !options.types.empty();
    if (has_types && !session.options.config.empty())
        return refuse(session.options, session.terminal,
                      {ErrorKind::invalid, "--types stands in for a configuration: leave out one"},
                      Exit::usage);
    auto read = read_offline_cluster(session, options.from, !has_types);
    if (const auto* exit = std::get_if<Exit>(&read)) return *exit;
    auto& cluster = *std::get_if<OfflineCluster>(&read);
    if (has_types) {
        auto policy = assumed_policy(options.types, cluster.state);
        if (!policy) return refuse(session.options, session.terminal, policy.error(), Exit::usage);
        cluster.policy = *std::move(policy);
        adopt_nodes(cluster.state);
    }
    if (cluster.policy) name_types(cluster.state, *cluster.policy);
    const auto told = plan_cluster(cluster.state, cluster.policy ? &*cluster.policy : nullptr,
                                   {*now, cluster.name, options.cpu_percent});
    session.terminal.print(session.options.output == OutputForm::json
                               ? plan_json(told.plan) + "\n"
                               : cluster_plan_text(told, session.terminal.style()));
    return Exit::decided;
}

}  // namespace nodenap
