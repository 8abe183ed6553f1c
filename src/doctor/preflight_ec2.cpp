#include "doctor/preflight.hpp"

#include "controller/ownership.hpp"
#include "decide/explain.hpp"
#include "decide/membership.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace nodenap {
namespace {

std::string named(const Pool& pool, std::string_view what) {
    std::string name = "pool " + pool.name + ": ";
    name.append(what);
    return name;
}

Operation operation_of(const Preflight& preflight, const Pool& pool, const Offering& offering,
                       const Subnet& subnet) {
    Operation operation;
    operation.id = preflight.trial_id;
    operation.since = preflight.ports.clock.now();
    operation.offering = offering;
    operation.offering.zone = subnet.zone;
    operation.subnet = subnet.id;
    operation.launch_template = pool.launch_template;
    operation.launch_template_version = pool.launch_template_version;
    return operation;
}

std::vector<Capacity> purchase_options_of(const Pool& pool) {
    switch (pool.capacity) {
        case CapacityChoice::on_demand:
            return {Capacity::on_demand};
        case CapacityChoice::spot:
            return {Capacity::spot};
        case CapacityChoice::spot_then_on_demand:
            return {Capacity::spot, Capacity::on_demand};
    }
    return {};
}

/// Every type in the first subnet and the first type in every other, as rights name both, but not
/// their pairs.
std::vector<Operation> rehearsals(const Preflight& preflight, const Pool& pool) {
    std::vector<Operation> operations;
    for (const Capacity capacity : purchase_options_of(pool)) {
        const auto add = [&](const std::string& type, const Subnet& subnet) {
            operations.push_back(
                operation_of(preflight, pool, {pool.name, type, {}, capacity}, subnet));
            operations.back().id += "-" + std::to_string(operations.size());
        };
        for (const std::string& type : pool.instance_types) add(type, pool.subnets.front());
        for (std::size_t at = 1; at < pool.subnets.size(); ++at) {
            add(pool.instance_types.front(), pool.subnets[at]);
        }
    }
    return operations;
}

std::string offering_text(const Operation& operation) {
    return operation.offering.instance_type + " in " + operation.subnet +
           (operation.offering.capacity == Capacity::spot ? " on spot" : "");
}

CheckResult judge_trials(const std::vector<Operation>& operations,
                         const std::vector<Status>& answers) {
    for (std::size_t at = 0; at < operations.size(); ++at) {
        if (answers[at]) continue;
        const Error& error = answers[at].error();
        CheckResult finding =
            failed(error, "ec2:RunInstances (with iam:PassRole and ec2:CreateTags)");
        if (error.kind == ErrorKind::no_capacity) finding.status = CheckStatus::warning;
        finding.seen = offering_text(operations[at]) + ": " + finding.seen;
        return finding;
    }
    return {CheckStatus::ok, "EC2 would launch it: " +
                                 counted(static_cast<std::int64_t>(operations.size()), "dry run")};
}

void check_launches(const Preflight& preflight, const Pool& pool, Checks& checks) {
    checks.push_back({named(pool, "launch template"), signed_finding(preflight, [&] {
                          const auto seen = preflight.asked.account.launch_template(
                              pool.launch_template, pool.launch_template_version);
                          return seen ? judge_template(pool, *seen)
                                      : unread(seen.error(), "ec2:DescribeLaunchTemplateVersions");
                      })});
    checks.push_back({named(pool, "launch"), signed_finding(preflight, [&] {
                          const auto operations = rehearsals(preflight, pool);
                          return judge_trials(operations,
                                              preflight.asked.trials.try_launches(operations));
                      })});
}

bool may_buy_spot(const Pool& pool) { return pool.capacity != CapacityChoice::on_demand; }

void check_offerings(const Preflight& preflight, const Pool& pool, Checks& checks) {
    checks.push_back({named(pool, "instance types"), signed_finding(preflight, [&] {
                          const auto sold = preflight.asked.account.sold_types(pool.instance_types);
                          return sold ? judge_offerings(pool, *sold)
                                      : unread(sold.error(), "ec2:DescribeInstanceTypeOfferings");
                      })});
    if (!may_buy_spot(pool)) return;
    checks.push_back({named(pool, "spot role"), signed_finding(preflight, [&] {
                          const auto found = preflight.asked.account.has_spot_role();
                          return found ? judge_spot_role(pool, *found)
                                       : unread(found.error(), "iam:GetRole");
                      })});
}

using SubnetsSeen = Result<std::vector<SubnetSeen>>;

SubnetsSeen ask_subnets(const Preflight& preflight) {
    if (!preflight.can_sign) return std::vector<SubnetSeen>{};
    std::set<std::string> ids;
    for (const Pool& pool : preflight.settings.policy.pools) {
        for (const Subnet& subnet : pool.subnets) ids.insert(subnet.id);
    }
    return preflight.asked.account.subnets({ids.begin(), ids.end()});
}

CheckResult find_subnet(const Preflight& preflight, const SubnetsSeen& seen, const Subnet& wanted,
                        int most_nodes) {
    if (!preflight.can_sign) return without_credentials();
    if (!seen) return unread(seen.error(), "ec2:DescribeSubnets");
    const auto found = std::ranges::find(*seen, wanted.id, &SubnetSeen::id);
    if (found == seen->end()) return judge_subnet(wanted, std::nullopt, most_nodes);
    return judge_subnet(wanted, *found, most_nodes);
}

void check_subnets(const Preflight& preflight, Checks& checks) {
    const Policy& policy = preflight.settings.policy;
    const SubnetsSeen seen = ask_subnets(preflight);
    for (const Pool& pool : policy.pools) {
        const int most = std::min(pool.max_nodes, policy.limits.max_nodes);
        for (const Subnet& subnet : pool.subnets) {
            checks.push_back(
                {named(pool, "subnet " + subnet.id), find_subnet(preflight, seen, subnet, most)});
        }
    }
}

CheckResult judge_fleet(const Result<std::vector<Instance>>& fleet) {
    if (!fleet) return failed(fleet.error(), "ec2:DescribeInstances");
    std::string foreign;
    for (const Instance& one : *fleet) {
        if (one.foreign && runs(one)) foreign += (foreign.empty() ? "" : ", ") + one.id;
    }
    if (!foreign.empty()) {
        return {CheckStatus::warning,
                "these have this cluster's tags, but no launch template of this cluster launched "
                "them: " +
                    foreign,
                "They count for max_nodes and are never terminated: remove the tags ManagedBy and "
                "nodenap:cluster from them, or terminate them yourself."};
    }
    return {CheckStatus::ok,
            "EC2 lists " + counted(std::ssize(*fleet), "instance") + " of Nodenap"};
}

bool may_be_terminated(const Instance& one) { return runs(one) && !one.foreign; }

CheckResult try_termination(const Preflight& preflight,
                            const Result<std::vector<Instance>>& fleet) {
    if (!fleet) return {CheckStatus::not_checked, "depends on the list of instances"};
    const auto one = std::ranges::find_if(*fleet, may_be_terminated);
    if (one == fleet->end()) {
        return {CheckStatus::not_checked, "no managed instance to dry-run it on"};
    }
    const Status answer = preflight.asked.trials.try_termination(one->id);
    if (!answer) return failed(answer.error(), "ec2:TerminateInstances");
    return {CheckStatus::ok, "EC2 would terminate " + one->id};
}

void check_quotas(const Preflight& preflight, Checks& checks) {
    for (const Capacity capacity : {Capacity::on_demand, Capacity::spot}) {
        const int wanted = most_standard_vcpus(preflight.settings.policy, capacity);
        if (wanted == 0) continue;
        std::string name = "quota: vCPUs ";
        name.append(word(capacity));
        checks.push_back({name, signed_finding(preflight, [&] {
                              const auto allowed = preflight.asked.account.vcpu_quota(capacity);
                              return allowed
                                         ? judge_quota(*allowed, wanted)
                                         : unread(allowed.error(), "servicequotas:GetServiceQuota");
                          })});
    }
}

}  // namespace

Result<std::vector<Instance>> check_ec2(const Preflight& preflight, const Result<State>& state,
                                        Checks& checks) {
    Result<std::vector<Instance>> fleet = Error{ErrorKind::denied, "no credentials"};
    checks.push_back({"instances", signed_finding(preflight, [&] {
                          fleet = preflight.ports.fleet.list();
                          if (fleet && state) {
                              mark_foreign(*fleet, *state, preflight.settings.policy);
                          }
                          return judge_fleet(fleet);
                      })});
    for (const Pool& pool : preflight.settings.policy.pools) {
        check_launches(preflight, pool, checks);
        check_offerings(preflight, pool, checks);
    }
    check_subnets(preflight, checks);
    checks.push_back({"termination", try_termination(preflight, fleet)});
    check_quotas(preflight, checks);
    return fleet;
}

}  // namespace nodenap
