#include "controller/ownership.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <string_view>

namespace nodenap {
namespace {

/// A template without a listed instance for this long has no worker left.
constexpr Milliseconds templates_remembered_for = std::chrono::hours(24 * 30);
constexpr std::size_t most_templates = 32;
/// The difference allowed between EC2's clock and that of the pass which recorded an operation.
constexpr Milliseconds clocks_differ_by = std::chrono::minutes(30);

/// The templates whose instances are workers. A memory of an older version has no templates: then
/// those of the instances that it remembers.
std::set<std::string_view> own_templates(const std::vector<Instance>& fleet, const Memory& memory,
                                         const Policy& policy) {
    std::set<std::string_view> templates;
    for (const auto& pool : policy.pools) templates.insert(pool.launch_template);
    for (const auto& [id, seen_at] : memory.templates) templates.insert(id);
    if (memory.templates.empty()) {
        for (const auto& instance : fleet) {
            if (memory.instances.contains(instance.id)) templates.insert(instance.launch_template);
        }
    }
    templates.erase("");
    return templates;
}

/// Launched for an operation whose instance EC2 has not listed yet, from its template, and not long
/// before it was recorded. The operation's id alone proves nothing: anyone can read it in the tags
/// of its instance and copy it to another.
bool is_awaited(const Instance& instance, const State& state) {
    const auto is_its = [&](const Operation& operation) {
        return operation.kind == OperationKind::launch && !operation.id.empty() &&
               operation.id == instance.operation && !operation.launch_template.empty() &&
               instance.launch_template == operation.launch_template &&
               instance.launched_at >= operation.since - clocks_differ_by;
    };
    return std::ranges::any_of(state.open_operations, is_its) ||
           std::ranges::any_of(state.launched, is_its);
}

}  // namespace

void mark_foreign(std::vector<Instance>& fleet, const State& state, const Policy& policy) {
    const auto templates = own_templates(fleet, state.memory, policy);
    for (auto& instance : fleet) {
        instance.foreign =
            !templates.contains(instance.launch_template) && !is_awaited(instance, state);
    }
}

void remember_templates(Memory& memory, const std::vector<Instance>& fleet, const Policy& policy,
                        Time now) {
    auto& templates = memory.templates;
    for (const auto& instance : fleet) {
        if (!instance.foreign && !instance.launch_template.empty())
            templates[instance.launch_template] = now;
    }
    for (const auto& pool : policy.pools) templates[pool.launch_template] = now;
    std::erase_if(templates,
                  [&](const auto& entry) { return now - entry.second > templates_remembered_for; });
    while (templates.size() > most_templates) {
        templates.erase(std::ranges::min_element(templates, {},
                                                 [](const auto& entry) { return entry.second; }));
    }
}

}  // namespace nodenap
