#include "app/cli/cluster_files.hpp"
#include "app/cli/explain_report.hpp"
#include "app/cli/options.hpp"

#include "base/harmless.hpp"

#include <filesystem>

namespace nodenap {
namespace {

struct ExplainOptions {
    std::vector<std::string> from;
};

/// The configuration's policy where there is a file: one that was named must be there.
struct ChosenPolicy {
    Settings settings;
    bool is_given = false;
    bool is_right = true;

    const Policy* get() const { return is_given ? &settings.policy : nullptr; }
};

ChosenPolicy choose_policy(const FileSession& session) {
    ChosenPolicy chosen;
    const bool is_named =
        !session.options.config.empty() || !session.environment.config_path.empty();
    std::error_code unread;
    if (!is_named && !std::filesystem::exists(session.file, unread)) return chosen;
    auto loaded = load_config(session.file, session.environment, Program::offline);
    for (const auto& fault : loaded.faults) session.terminal.complain(fault);
    chosen.is_right = loaded.faults.empty();
    chosen.is_given = true;
    chosen.settings = std::move(loaded.settings);
    return chosen;
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
    const auto policy = choose_policy(session);
    if (!policy.is_right) return Exit::usage;
    const auto read = read_cluster_files(options.from);
    if (!read) {
        session.terminal.complain(harmless(read.error().text));
        return Exit::usage;
    }
    for (const auto& note : read->notes) session.terminal.complain(note);
    complain_of_unread(session.terminal, read->state.constraints_known);
    session.terminal.print(answer(session, read->state, policy.get()));
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
