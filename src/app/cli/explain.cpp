#include "app/cli/cluster_files.hpp"
#include "app/cli/explain_report.hpp"
#include "app/cli/options.hpp"

#include <filesystem>

namespace nodenap {
namespace {

struct ExplainOptions {
    std::vector<std::string> from;
};

/// One that was named must be there; nodenap.toml may be.
bool has_config(const FileSession& session) {
    if (!session.options.config.empty() || !session.environment.config_path.empty()) return true;
    std::error_code unread;
    return std::filesystem::exists(session.file, unread);
}

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

/// What was not read keeps a rule from being judged, so it is named.
void complain_of_unread(Terminal& terminal, const ConstraintsKnown& known) {
    if (!known.nodes) terminal.complain("no Nodes were read: add nodes to `kubectl get`");
    if (!known.pods) terminal.complain("no Pods were read: add pods to `kubectl get`");
}

Exit explain(const FileSession& session, const ExplainOptions& options, Answer answer) {
    LoadedConfig config;
    const bool is_configured = has_config(session);
    if (is_configured) config = load_config(session.file, session.environment, Program::offline);
    if (!config.faults.empty())
        return refuse_file(session, session.file, config.faults, config.diagnostics);
    const auto read = read_cluster_files(options.from);
    if (!read) return refuse(session.options, session.terminal, read.error(), Exit::usage);
    for (const auto& note : read->notes) session.terminal.complain(note);
    complain_of_unread(session.terminal, read->state.constraints_known);
    const auto* policy = is_configured ? &config.settings.policy : nullptr;
    session.terminal.print(answer(session, read->state, policy));
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
