#pragma once

#include "base/units.hpp"

#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// `observe` decides and records, but launches and terminates nothing; `add_only` never removes
/// nodes.
enum class Mode { observe, add_only, act };
/// The purchase option of an instance, and the options that a pool allows.
enum class Capacity { on_demand, spot };
enum class CapacityChoice { on_demand, spot, spot_then_on_demand };
/// Which removable node is removed first: the one that saves most per hour, or the oldest.
enum class Victim { saving, oldest };
enum class WithoutDrain { empty, any };

struct Limits {
    int min_nodes = 2;
    int max_nodes = 10;
    double max_price_per_hour_usd = 0;  // 0: no limit
    int max_launches_per_pass = 10;
    int max_launches_per_hour = 30;
};

struct ScaleUp {
    double cpu_above_percent = 70;
    double memory_above_percent = 0;  // 0: off
    Milliseconds cpu_window = std::chrono::minutes(2);
    Milliseconds pending_for{0};
    Milliseconds join_timeout = std::chrono::minutes(10);
};

struct ScaleDown {
    double cpu_below_percent = 30;
    double requested_below_percent = 50;  // used with the Kubernetes API only
    Milliseconds unneeded_for = std::chrono::minutes(5);
    Milliseconds cooldown = std::chrono::minutes(5);
    Milliseconds drain_timeout = std::chrono::minutes(10);
    int max_removals_per_pass = 1;
    int max_empty_removals_per_pass = 3;
    Victim victim = Victim::saving;
    WithoutDrain without_drain = WithoutDrain::empty;
};

/// The resources of a new node reserved for the kubelet and the system, and what a node costs in
/// addition to its instance type.
struct Reserve {
    Millicores cpu{100};
    Mebibytes memory{300};
    double price_per_hour_usd = 0.006;
};

/// `baseline_percent`: the share of each vCPU that a burstable type can use without CPU credits.
struct InstanceType {
    std::string name;
    int vcpu = 0;
    Mebibytes memory;
    std::string architecture = "x86_64";
    std::optional<double> baseline_percent = std::nullopt;
    double price_per_hour_usd = 0;
    int max_pods = 110;
};

/// Instance types by name, without duplicates.
class Catalogue {
public:
    Catalogue() = default;
    Catalogue(std::initializer_list<InstanceType> types);

    /// Replaces a type of the same name.
    void add(InstanceType type);
    /// Null if there is none.
    const InstanceType* find(std::string_view name) const;

    std::size_t size() const { return types_.size(); }
    auto begin() const { return types_.begin(); }
    auto end() const { return types_.end(); }

private:
    std::vector<InstanceType> types_;  // sorted by name
};

struct Subnet {
    std::string id;
    std::string zone;
};

struct Pool {
    std::string name;
    std::string launch_template;
    std::string launch_template_version;
    std::vector<Subnet> subnets;
    std::vector<std::string> instance_types;  // in order of preference
    CapacityChoice capacity = CapacityChoice::on_demand;
    int min_nodes = 0;
    int max_nodes = 10;
    int max_pods = 110;
    std::map<std::string, std::string> labels;
    std::vector<std::string> taints;  // key=value:Effect
};

/// The user's configuration, as far as `decide` and `make_plan` use it.
struct Policy {
    Mode mode = Mode::act;
    Limits limits;
    ScaleUp scale_up;
    ScaleDown scale_down;
    Reserve reserve;
    std::vector<Pool> pools;
    Catalogue catalogue;
};

/// A rule that the policy violates. `key` is the path in the configuration: "limits.max_nodes",
/// "pool[0].subnets", "instance_type[t3.small].vcpu" (types by name, pools by their position in the
/// file).
struct PolicyFault {
    std::string key;
    std::string text;

    friend bool operator==(const PolicyFault&, const PolicyFault&) = default;
};

/// Checks all rules at once, so that one run of `config check` reports every violation.
std::vector<PolicyFault> check(const Policy& policy);
/// Without those on what one cluster of ours can become: for plans that nobody carries out.
std::vector<PolicyFault> check_offline(const Policy& policy);

/// Null if the catalogue or the policy has none of that name.
const InstanceType* find_type(const Policy& policy, std::string_view name);
const Pool* find_pool(const Policy& policy, std::string_view name);

/// The allocatable resources of a new node of this pool and type: the type's resources minus the
/// reserve.
Resources template_allocatable(const Policy& policy, const Pool& pool, const InstanceType& type);

/// US dollars per hour for one node: the instance type plus address and volume.
double node_price_per_hour_usd(const Policy& policy, const InstanceType& type);

}  // namespace nodenap
