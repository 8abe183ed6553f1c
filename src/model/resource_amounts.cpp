#include "model/resource_amounts.hpp"

#include <algorithm>

namespace nodenap {

namespace {

bool name_is_before(const NamedAmount& amount, std::string_view name) { return amount.name < name; }

}  // namespace

std::int64_t ResourceAmounts::other(std::string_view name) const {
    const auto at = std::lower_bound(others.begin(), others.end(), name, name_is_before);
    return at != others.end() && at->name == name ? at->amount : 0;
}

void ResourceAmounts::add_other(std::string_view name, std::int64_t amount) {
    const auto at = std::lower_bound(others.begin(), others.end(), name, name_is_before);
    if (at != others.end() && at->name == name) {
        at->amount = clamped_sum(at->amount, amount);
    } else {
        others.insert(at, {std::string(name), clamped(amount)});
    }
}

ResourceAmounts& ResourceAmounts::operator+=(const ResourceAmounts& more) {
    cpu += more.cpu;
    memory += more.memory;
    ephemeral_storage += more.ephemeral_storage;
    for (const auto& [name, amount] : more.others) add_other(name, amount);
    return *this;
}

ResourceAmounts& ResourceAmounts::operator-=(const ResourceAmounts& less) {
    cpu = cpu - less.cpu;
    memory = memory - less.memory;
    ephemeral_storage = ephemeral_storage - less.ephemeral_storage;
    for (const auto& [name, amount] : less.others) add_other(name, -amount);
    return *this;
}

}  // namespace nodenap
