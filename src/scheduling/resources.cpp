#include "scheduling/resources.hpp"

#include <algorithm>

namespace nodenap {

namespace {

struct Amounts {
    std::int64_t asked = 0;
    std::int64_t has = 0;
    std::int64_t used = 0;

    bool fits() const { return asked <= 0 || asked <= has - used; }
    std::int64_t free() const { return std::max<std::int64_t>(has - used, 0); }
};

template <class Text>
std::string insufficient(std::string_view resource, const Amounts& amounts, Text text) {
    return "insufficient " + std::string(resource) + ": requests " + text(amounts.asked) +
           ", the node has " + text(amounts.free()) + " free of " + text(amounts.has);
}

std::string millicores_text(std::int64_t amount) {
    return amount % 1000 == 0 ? std::to_string(amount / 1000) : std::to_string(amount) + "m";
}

std::string storage_text(std::int64_t amount) { return bytes_text(Bytes{amount}); }

std::string number_text(std::int64_t amount) { return std::to_string(amount); }

}  // namespace

bool is_counted(std::string_view resource) {
    const auto prefix_of_quota = std::string_view("requests.");
    const bool has_prefix = resource.find('/') != std::string_view::npos;
    const bool native = !has_prefix || resource.find("kubernetes.io/") != std::string_view::npos;
    if (native)
        return has_prefix || resource.starts_with("hugepages-") ||
               resource.starts_with("attachable-volumes-");
    return !resource.starts_with(prefix_of_quota);
}

std::string bytes_text(Bytes bytes) {
    constexpr std::string_view units[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi"};
    std::size_t unit = 0;
    std::int64_t size = 1;
    while (unit + 1 < std::size(units) && bytes.value >= size * 1024) {
        size *= 1024;
        ++unit;
    }
    const auto tenths = bytes.value / size * 10 + bytes.value % size * 10 / size;
    const auto fraction = tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10);
    return std::to_string(tenths / 10) + fraction + std::string(units[unit]);
}

std::optional<std::string> resource_refusal(const Pod& pod, const NodeView& node) {
    const auto& asked = pod.requests;
    const auto& has = node.node->allocatable;
    const auto& used = node.requested;
    if (node.pods + 1 > node.node->allocatable_pods)
        return "too many pods: " + std::to_string(node.pods) + " of " +
               std::to_string(node.node->allocatable_pods);
    const Amounts cpu{asked.cpu.value, has.cpu.value, used.cpu.value};
    if (!cpu.fits()) return insufficient("cpu", cpu, millicores_text);
    const Amounts memory{asked.memory.value, has.memory.value, used.memory.value};
    if (!memory.fits()) return insufficient("memory", memory, storage_text);
    const Amounts storage{asked.ephemeral_storage.value, has.ephemeral_storage.value,
                          used.ephemeral_storage.value};
    if (!storage.fits()) return insufficient("ephemeral-storage", storage, storage_text);
    for (const auto& [name, amount] : asked.others) {
        const Amounts other{amount, has.other(name), used.other(name)};
        if (is_counted(name) && !other.fits()) return insufficient(name, other, number_text);
    }
    return std::nullopt;
}

}  // namespace nodenap
