#pragma once

#include "app/config.hpp"
#include "app/config_reader.hpp"

namespace nodenap {

/// The parts of read_config, one for each kind of table.
void read_mode(ConfigReader& reader, Mode& mode);
void read_policy(const ConfigTable& root, Policy& policy, ConfigFaults& faults);
/// After the limits: a pool may have as many nodes as the cluster, unless it says otherwise.
void read_pools(const ConfigTable& root, Policy& policy, ConfigFaults& faults);
/// Adds [[instance_type]] to the catalogue, or puts it in the place of the entry of its name.
void read_instance_types(const ConfigTable& root, Catalogue& catalogue, ConfigFaults& faults);

/// All of the above but the mode, and every rule that the policy breaks.
void read_whole_policy(const ConfigTable& root, Policy& policy, ConfigFaults& faults,
                       Program program = Program::command);

/// Calls `read(reader)` for the table `name`, or for an empty one where the file has none.
template <class Read>
void in_table(const ConfigTable& root, const std::string& name, ConfigFaults& faults, Read read) {
    static const ConfigNode none{1, ConfigTable{}};
    const auto found = root.find(name);
    ConfigReader reader(found == root.end() ? none : found->second, name, faults);
    read(reader);
    reader.finish();
}

/// Calls `read(reader)` for each [[name]].
template <class Read>
void in_each(const ConfigTable& root, const std::string& name, ConfigFaults& faults, Read read) {
    const auto found = root.find(name);
    if (found == root.end()) return;
    const auto* list = std::get_if<ConfigList>(&found->second.value);
    if (list == nullptr) {
        return faults.add(found->second.line, name, "must be written as [[" + name + "]]");
    }
    for (std::size_t at = 0; at < list->size(); ++at) {
        ConfigReader reader((*list)[at], name + "[" + std::to_string(at) + "]", faults);
        read(reader);
        reader.finish();
    }
}

}  // namespace nodenap
