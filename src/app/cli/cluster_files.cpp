#include "app/cli/cluster_files.hpp"

#include "app/config.hpp"

#include <cstdio>

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

}  // namespace nodenap
