#include "app/cli/cluster_files.hpp"
#include "app/cli/explain_report.hpp"
#include "app/cli/options.hpp"

namespace nodenap {
namespace {

struct ExplainOptions {
    std::vector<std::string> from;
};

std::string pods_answer(const FileSession& session, const ClusterState& state,
                        const Policy* policy) {
    const auto pods = explain_pods(state, policy);
    return session.options.output == OutputForm::json
               ? pods_explained_json(pods) + "\n"
               : pods_explained_text(pods, session.terminal.style());
}

std::string nodes_answer(const FileSession& session, const ClusterState& state,
                         const Policy* policy) {
    const auto nodes = explain_nodes(state, policy);
    return session.options.output == OutputForm::json
               ? nodes_explained_json(nodes) + "\n"
               : nodes_explained_text(nodes, session.terminal.style());
}

using Answer = std::string (*)(const FileSession&, const ClusterState&, const Policy*);

Exit explain(const FileSession& session, const ExplainOptions& options, Answer answer) {
    const auto read = read_offline_cluster(session, options.from);
    if (const auto* exit = std::get_if<Exit>(&read)) return *exit;
    const auto& cluster = *std::get_if<OfflineCluster>(&read);
    const auto* policy = cluster.policy ? &*cluster.policy : nullptr;
    session.terminal.print(answer(session, cluster.state, policy));
    return Exit::decided;
}

void add_kind(CLI::App& explain_app, CommandLine& line, const std::string& name,
              const std::pair<std::string, Answer>& what) {
    CLI::App* command = add_command(explain_app, line, name, what.first);
    const auto options = std::make_shared<ExplainOptions>();
    command->add_option("--from", options->from, "Kubernetes Lists in files; - is standard input")
        ->type_name("FILE")
        ->required();
    set_example(*command,
                "kubectl get pods,nodes,pdb,pv,pvc,sc,ns,ds -A -o json | nodenap explain " + name +
                    " --from -");
    command->callback([&line, options, answer = what.second] {
        line.file_command = [options, answer](FileSession& session) {
            return explain(session, *options, answer);
        };
    });
}

}  // namespace

void add_explain(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand(
        "explain", "Explain, offline, where pods fit and which nodes could be removed");
    command->require_subcommand(1);
    add_kind(*command, line, "pods",
             {"For each pending pod: each node and pool, and the first rule that refuses it",
              pods_answer});
    add_kind(*command, line, "nodes",
             {"For each node: whether it could be removed, or what blocks that", nodes_answer});
}

}  // namespace nodenap
