#include "app/cli/cluster_files.hpp"

#include "app/config.hpp"

#include <cstdio>
#include <filesystem>

namespace nodenap {
namespace {

std::string standard_input() {
    std::string all;
    char buffer[1 << 16];
    for (std::size_t size = 1; size > 0;) {
        size = std::fread(buffer, 1, sizeof buffer, stdin);
        all.append(buffer, size);
    }
    return all;
}

Result<KubernetesText> text_of(const std::string& file) {
    if (file == "-") return KubernetesText{"standard input", standard_input()};
    auto bytes = read_file(file);
    if (!bytes) return bytes.error();
    return KubernetesText{file, std::move(*bytes)};
}

/// One that was named must be there; nodenap.toml may be.
bool has_config(const FileSession& session) {
    if (!session.options.config.empty() || !session.environment.config_path.empty()) return true;
    std::error_code unread;
    return std::filesystem::exists(session.file, unread);
}

/// What was not read keeps a rule from being judged, so it is named.
void complain_of_unread(Terminal& terminal, const ConstraintsKnown& known) {
    if (!known.nodes) terminal.complain("no Nodes were read: add nodes to `kubectl get`");
    if (!known.pods) terminal.complain("no Pods were read: add pods to `kubectl get`");
}

}  // namespace

Result<ReadClusterState> read_cluster_files(const std::vector<std::string>& files) {
    ClusterStateReader reader;
    ReadClusterState all;
    for (const auto& file : files) {
        auto text = text_of(file);
        if (!text) return text.error();
        auto read = reader.read(std::move(*text));
        if (!read) return read.error();
        all.notes.insert(all.notes.end(), read->notes.begin(), read->notes.end());
    }
    all.state = reader.take();
    return all;
}

std::variant<OfflineCluster, Exit> read_offline_cluster(const FileSession& session,
                                                        const std::vector<std::string>& files,
                                                        bool may_have_config) {
    OfflineCluster cluster;
    if (may_have_config && has_config(session)) {
        auto config = load_config(session.file, session.environment, Program::offline);
        if (!config.faults.empty())
            return refuse_file(session, session.file, config.faults, config.diagnostics);
        cluster.policy = std::move(config.settings.policy);
        cluster.name = config.settings.cluster;
    }
    auto read = read_cluster_files(files);
    if (!read) return refuse(session.options, session.terminal, read.error(), Exit::usage);
    for (const auto& note : read->notes) session.terminal.complain(note);
    complain_of_unread(session.terminal, read->state.constraints_known);
    cluster.state = std::move(read->state);
    return cluster;
}

}  // namespace nodenap
