#include "doctor/checkup.hpp"

#include "controller/ownership.hpp"
#include "decide/explain.hpp"
#include "decide/lifecycle.hpp"

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

Intent intent_of(const Checkup& checkup, const Pool& pool, const Offer& offer,
                 const Subnet& subnet) {
    Intent intent;
    intent.id = checkup.trial_id;
    intent.since = checkup.ports.clock.now();
    intent.offer = offer;
    intent.offer.zone = subnet.zone;
    intent.subnet = subnet.id;
    intent.launch_template = pool.launch_template;
    intent.launch_template_version = pool.launch_template_version;
    return intent;
}

std::vector<Capacity> ways_to_buy(const Pool& pool) {
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
std::vector<Intent> rehearsals(const Checkup& checkup, const Pool& pool) {
    std::vector<Intent> intents;
    for (const Capacity capacity : ways_to_buy(pool)) {
        const auto add = [&](const std::string& type, const Subnet& subnet) {
            intents.push_back(intent_of(checkup, pool, {pool.name, type, {}, capacity}, subnet));
            intents.back().id += "-" + std::to_string(intents.size());
        };
        for (const std::string& type : pool.instance_types) add(type, pool.subnets.front());
        for (std::size_t at = 1; at < pool.subnets.size(); ++at) {
            add(pool.instance_types.front(), pool.subnets[at]);
        }
    }
    return intents;
}

std::string offer_text(const Intent& intent) {
    return intent.offer.instance_type + " in " + intent.subnet +
           (intent.offer.capacity == Capacity::spot ? " on spot" : "");
}

Finding judge_trials(const std::vector<Intent>& intents, const std::vector<Status>& answers) {
    for (std::size_t at = 0; at < intents.size(); ++at) {
        if (answers[at]) continue;
        const Error& error = answers[at].error();
        Finding finding = failed(error, "ec2:RunInstances (with iam:PassRole and ec2:CreateTags)");
        if (error.kind == ErrorKind::no_capacity) finding.verdict = Verdict::warning;
        finding.seen = offer_text(intents[at]) + ": " + finding.seen;
        return finding;
    }
    return {Verdict::ok, "EC2 would launch it: " +
                             counted(static_cast<std::int64_t>(intents.size()), "dry run")};
}

void check_launches(const Checkup& checkup, const Pool& pool, Checks& checks) {
    checks.push_back({named(pool, "launch template"), signed_finding(checkup, [&] {
                          const auto seen = checkup.asked.account.launch_template(
                              pool.launch_template, pool.launch_template_version);
                          return seen ? judge_template(pool, *seen)
                                      : unread(seen.error(), "ec2:DescribeLaunchTemplateVersions");
                      })});
    checks.push_back({named(pool, "launch"), signed_finding(checkup, [&] {
                          const auto intents = rehearsals(checkup, pool);
                          return judge_trials(intents, checkup.asked.trials.try_launches(intents));
                      })});
}

bool may_buy_spot(const Pool& pool) { return pool.capacity != CapacityChoice::on_demand; }

void check_offerings(const Checkup& checkup, const Pool& pool, Checks& checks) {
    checks.push_back({named(pool, "instance types"), signed_finding(checkup, [&] {
                          const auto sold = checkup.asked.account.sold_types(pool.instance_types);
                          return sold ? judge_offerings(pool, *sold)
                                      : unread(sold.error(), "ec2:DescribeInstanceTypeOfferings");
                      })});
    if (!may_buy_spot(pool)) return;
    checks.push_back({named(pool, "spot role"), signed_finding(checkup, [&] {
                          const auto found = checkup.asked.account.has_spot_role();
                          return found ? judge_spot_role(pool, *found)
                                       : unread(found.error(), "iam:GetRole");
                      })});
}

using SubnetsSeen = Result<std::vector<SubnetSeen>>;

SubnetsSeen ask_subnets(const Checkup& checkup) {
    if (!checkup.can_sign) return std::vector<SubnetSeen>{};
    std::set<std::string> ids;
    for (const Pool& pool : checkup.settings.policy.pools) {
        for (const Subnet& subnet : pool.subnets) ids.insert(subnet.id);
    }
    return checkup.asked.account.subnets({ids.begin(), ids.end()});
}

Finding find_subnet(const Checkup& checkup, const SubnetsSeen& seen, const Subnet& wanted,
                    int most_nodes) {
    if (!checkup.can_sign) return without_credentials();
    if (!seen) return unread(seen.error(), "ec2:DescribeSubnets");
    const auto found = std::ranges::find(*seen, wanted.id, &SubnetSeen::id);
    if (found == seen->end()) return judge_subnet(wanted, std::nullopt, most_nodes);
    return judge_subnet(wanted, *found, most_nodes);
}

void check_subnets(const Checkup& checkup, Checks& checks) {
    const Policy& policy = checkup.settings.policy;
    const SubnetsSeen seen = ask_subnets(checkup);
    for (const Pool& pool : policy.pools) {
        const int most = std::min(pool.max_nodes, policy.limits.max_nodes);
        for (const Subnet& subnet : pool.subnets) {
            checks.push_back(
                {named(pool, "subnet " + subnet.id), find_subnet(checkup, seen, subnet, most)});
        }
    }
}

Finding judge_fleet(const Result<std::vector<Instance>>& fleet) {
    if (!fleet) return failed(fleet.error(), "ec2:DescribeInstances");
    std::string foreign;
    for (const Instance& one : *fleet) {
        if (one.foreign && runs(one)) foreign += (foreign.empty() ? "" : ", ") + one.id;
    }
    if (!foreign.empty()) {
        return {Verdict::warning,
                "these bear this cluster's tags, but no launch template of this cluster launched "
                "them: " +
                    foreign,
                "They count for max_nodes and are never terminated: take the tags ManagedBy and "
                "nodenap:cluster off them, or terminate them yourself."};
    }
    return {Verdict::ok, "EC2 lists " + counted(std::ssize(*fleet), "instance") + " of ours"};
}

bool may_be_terminated(const Instance& one) { return runs(one) && !one.foreign; }

Finding try_termination(const Checkup& checkup, const Result<std::vector<Instance>>& fleet) {
    if (!fleet) return {Verdict::not_checked, "rests on the list of instances, which failed"};
    const auto one = std::ranges::find_if(*fleet, may_be_terminated);
    if (one == fleet->end()) {
        return {Verdict::not_checked, "there is no instance of ours to rehearse it with"};
    }
    const Status answer = checkup.asked.trials.try_termination(one->id);
    if (!answer) return failed(answer.error(), "ec2:TerminateInstances");
    return {Verdict::ok, "EC2 would terminate " + one->id};
}

void check_quotas(const Checkup& checkup, Checks& checks) {
    for (const Capacity capacity : {Capacity::on_demand, Capacity::spot}) {
        const int wanted = most_standard_vcpus(checkup.settings.policy, capacity);
        if (wanted == 0) continue;
        std::string name = "quota: vCPUs ";
        name.append(word(capacity));
        checks.push_back({name, signed_finding(checkup, [&] {
                              const auto allowed = checkup.asked.account.vcpu_quota(capacity);
                              return allowed
                                         ? judge_quota(*allowed, wanted)
                                         : unread(allowed.error(), "servicequotas:GetServiceQuota");
                          })});
    }
}

}  // namespace

Result<std::vector<Instance>> check_ec2(const Checkup& checkup, const Result<State>& state,
                                        Checks& checks) {
    Result<std::vector<Instance>> fleet = Error{ErrorKind::denied, "no credentials"};
    checks.push_back({"instances", signed_finding(checkup, [&] {
                          fleet = checkup.ports.fleet.list();
                          if (fleet && state) {
                              mark_foreign(*fleet, *state, checkup.settings.policy);
                          }
                          return judge_fleet(fleet);
                      })});
    for (const Pool& pool : checkup.settings.policy.pools) {
        check_launches(checkup, pool, checks);
        check_offerings(checkup, pool, checks);
    }
    check_subnets(checkup, checks);
    checks.push_back({"termination", try_termination(checkup, fleet)});
    check_quotas(checkup, checks);
    return fleet;
}

}  // namespace nodenap
