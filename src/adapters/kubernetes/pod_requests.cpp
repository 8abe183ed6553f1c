#include "adapters/kubernetes/pod_requests.hpp"

#include <algorithm>

namespace nodenap {

namespace {

/// Which of a container's requests is summed.
enum class Stage { spec, allocated, actuated };

const ContainerStatusRequests* status_of(const PodRequestParts& parts, std::string_view name) {
    const auto at = std::ranges::find(parts.statuses, name, &ContainerStatusRequests::name);
    return at == parts.statuses.end() ? nullptr : &*at;
}

ExactResources requests_at(const PodRequestParts& parts, const ContainerRequests& container,
                           Stage stage) {
    if (stage == Stage::spec) return container.requests;
    if (const auto* const status = status_of(parts, container.name)) {
        if (stage == Stage::actuated && status->actuated) return *status->actuated;
        if (status->allocated) return *status->allocated;
    }
    return parts.resize_infeasible ? ExactResources() : container.requests;
}

/// max(containers + sidecars, each init container + the sidecars before it)
ExactResources sum_of_containers(const PodRequestParts& parts, Stage stage) {
    ExactResources sum;
    for (const auto& container : parts.containers) sum.add(requests_at(parts, container, stage));
    ExactResources sidecars;
    ExactResources largest;
    for (const auto& container : parts.init_containers) {
        auto requests = requests_at(parts, container, stage);
        if (container.restartable) {
            sum.add(requests);
            sidecars.add(requests);
            largest.enlarge(sidecars);
        } else {
            requests.add(sidecars);
            largest.enlarge(requests);
        }
    }
    sum.enlarge(largest);
    return sum;
}

bool is_pod_level(std::string_view name) {
    return name == "cpu" || name == "memory" || name.starts_with("hugepages-");
}

void apply_pod_level(ExactResources& sum, const ExactResources& pod_level) {
    for (const auto& [name, amount] : pod_level)
        if (is_pod_level(name)) sum.replace(name, amount);
}

bool has_pod_level(const ExactResources& resources) {
    return std::any_of(resources.begin(), resources.end(),
                       [](const auto& entry) { return is_pod_level(entry.first); });
}

ExactResources containers_on_node(const PodRequestParts& parts) {
    ExactResources sum;
    if (!parts.resize_infeasible) sum = sum_of_containers(parts, Stage::spec);
    if (parts.pod_allocated && parts.pod_actuated) {
        sum.enlarge(*parts.pod_actuated);
        sum.enlarge(*parts.pod_allocated);
    } else {
        sum.enlarge(sum_of_containers(parts, Stage::actuated));
        sum.enlarge(sum_of_containers(parts, Stage::allocated));
    }
    return sum;
}

ExactResources pod_level_on_node(const PodRequestParts& parts) {
    if (!parts.pod_status) return parts.pod_level;
    ExactResources largest;
    if (!parts.resize_infeasible) largest = parts.pod_level;
    if (parts.pod_actuated) largest.enlarge(*parts.pod_actuated);
    if (parts.pod_allocated) largest.enlarge(*parts.pod_allocated);
    return largest;
}

}  // namespace

ExactAmount* ExactResources::find(std::string_view name) {
    for (auto& [known, amount] : entries_)
        if (known == name) return &amount;
    return nullptr;
}

void ExactResources::add(std::string_view name, ExactAmount amount) {
    const auto* const mine = find(name);
    replace(name, mine == nullptr ? amount : *mine + amount);
}

void ExactResources::add(const ExactResources& more) {
    for (const auto& [name, amount] : more) add(name, amount);
}

void ExactResources::enlarge(const ExactResources& other) {
    for (const auto& [name, amount] : other) {
        const auto* const mine = find(name);
        replace(name, mine == nullptr ? amount : std::max(*mine, amount));
    }
}

void ExactResources::replace(std::string_view name, ExactAmount amount) {
    if (auto* const mine = find(name)) {
        *mine = amount;
    } else {
        entries_.emplace_back(name, amount);
    }
}

ExactResources read_exact_resources(JsonValue& value) {
    ExactResources resources;
    value.members(
        [&](std::string_view key, JsonValue& member) { resources.replace(key, member.amount()); });
    return resources;
}

ResourceAmounts requests_of_spec(const PodRequestParts& parts) {
    auto sum = sum_of_containers(parts, Stage::spec);
    apply_pod_level(sum, parts.pod_level);
    sum.add(parts.overhead);
    return rounded(sum);
}

ResourceAmounts requests_on_node(const PodRequestParts& parts) {
    auto sum = containers_on_node(parts);
    if (has_pod_level(parts.pod_level)) apply_pod_level(sum, pod_level_on_node(parts));
    sum.add(parts.overhead);
    return rounded(sum);
}

ResourceAmounts rounded(const ExactResources& resources) {
    ResourceAmounts amounts;
    for (const auto& [name, amount] : resources) {
        if (name == "cpu") {
            amounts.cpu = Millicores{amount.milli_value()};
        } else if (name == "memory") {
            amounts.memory = Bytes{amount.value()};
        } else if (name == "ephemeral-storage") {
            amounts.ephemeral_storage = Bytes{amount.value()};
        } else if (name != "pods" && !amount.zero()) {
            amounts.add_other(name, amount.value());
        }
    }
    return amounts;
}

}  // namespace nodenap
