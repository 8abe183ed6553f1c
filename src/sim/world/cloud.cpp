#include "sim/world/cloud.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <tuple>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds listed_after_its_end = 1h;
constexpr Milliseconds warned_before_its_end = 2min;

/// An offering that is not sold is refused during the whole run.
constexpr Milliseconds for_ever = 24h * 365;

}  // namespace

bool is_same_request(const Operation& a, const Operation& b) {
    return std::tie(a.id, a.kind, a.epoch, a.offering, a.subnet, a.launch_template,
                    a.launch_template_version) == std::tie(b.id, b.kind, b.epoch, b.offering,
                                                           b.subnet, b.launch_template,
                                                           b.launch_template_version);
}

Cloud::Cloud(Timeline& timeline, Trace& trace, std::uint64_t seed)
    : timeline_(timeline), trace_(trace), random_(seed, "cloud"), quota_random_(seed, "quota") {}

void Cloud::set_faults(const Faults& faults) {
    faults_ = faults;
    if (faults.no_capacity <= 0) none_until_.clear();
    if (faults.quota <= 0) quota_until_ = {};
}

std::vector<Instance> Cloud::list() const {
    std::vector<Instance> listed;
    listed.reserve(machines_.size());
    for (const auto& machine : machines_) {
        if (machine.ours && is_listed(machine)) listed.push_back(machine.instance);
    }
    return listed;
}

bool Cloud::is_listed(const Machine& machine) const {
    if (machine.listed_from > timeline_.now()) return false;
    return !machine.ended_at || timeline_.now() - *machine.ended_at <= listed_after_its_end;
}

/// Other users of the account use its remaining vCPU quota for a while.
bool Cloud::quota_runs_out() {
    const auto now = timeline_.now();
    if (quota_until_ <= now && quota_random_.chance(faults_.quota)) {
        quota_until_ = now + quota_random_.between(1min, 1h);
    }
    return quota_until_ > now;
}

std::optional<Error> Cloud::refusal(const Offering& offering) {
    if (quota_runs_out()) {
        return Error{ErrorKind::no_capacity, "the vCPU limit is exceeded", "VcpuLimitExceeded"};
    }
    auto [until, is_new] = none_until_.try_emplace(offering, Time{});
    if (is_new && random_.chance(faults_.not_sold)) until->second = timeline_.now() + for_ever;
    if (until->second - timeline_.now() > listed_after_its_end * 24) {
        return Error{ErrorKind::no_capacity, "this type is not supported in this zone",
                     "Unsupported"};
    }
    if (until->second <= timeline_.now() && random_.chance(faults_.no_capacity)) {
        until->second = timeline_.now() + random_.between(1min, 1h);
    }
    if (until->second <= timeline_.now()) return std::nullopt;
    return Error{ErrorKind::no_capacity, "insufficient capacity", "InsufficientInstanceCapacity"};
}

Result<Instance> Cloud::run(const Operation& operation) {
    const auto known = by_token_.find(operation.id);
    if (known != by_token_.end()) {
        const auto& machine = machines_[known->second];
        if (!is_same_request(machine.request, operation)) {
            return Error{ErrorKind::conflict, "the client token was used for another request",
                         "IdempotentParameterMismatch"};
        }
        return machine.instance;
    }
    if (const auto refused = refusal(operation.offering)) return *refused;
    auto& machine = make(operation);
    by_token_[operation.id] = machines_.size() - 1;
    begin_life(machine);
    return machine.instance;
}

Machine& Cloud::make(const Operation& operation) {
    Machine machine;
    machine.request = operation;
    machine.ours = true;
    machine.instance.offering = operation.offering;
    machine.instance.operation = operation.id;
    machine.instance.launch_template = operation.launch_template;
    machine.instance.epoch = operation.epoch;
    machine.terminate_refused = random_.chance(faults_.terminate_refused);
    machine.listed_from = timeline_.now();
    if (random_.chance(faults_.listed_late)) machine.listed_from += random_.between(1s, 45s);
    return place(std::move(machine));
}

Machine& Cloud::place(Machine machine) {
    ++made_;
    if (machine.instance.id.empty()) machine.instance.id = fmt::format("i-{:08d}", made_);
    machine.instance.launched_at = timeline_.now();
    machine.instance.private_ip = fmt::format("10.0.{}.{}", made_ / 250, made_ % 250 + 2);
    machines_.push_back(std::move(machine));
    if (trace_.kept()) {
        const auto& instance = machines_.back().instance;
        trace_.add(timeline_.now(), "ec2",
                   fmt::format("{} {} in {} is pending", instance.id,
                               instance.offering.instance_type, instance.offering.zone));
    }
    return machines_.back();
}

void Cloud::begin_life(Machine& machine) {
    const auto running_after = random_.between(4s, 20s);
    const bool dies = random_.chance(faults_.dies_pending);
    timeline_.after(running_after, [this, &machine, dies] {
        if (!machine.runs()) return;
        if (dies) return end(machine, "Server.InternalError", false);
        machine.instance.state = InstanceState::running;
    });
    machine.never_joins = dies || random_.chance(faults_.never_boots);
    if (machine.never_joins) return;
    auto boot = random_.between(25s, 70s);
    if (random_.chance(faults_.boots_slowly)) boot = random_.between(4min, 15min);
    timeline_.after(running_after + boot, [this, &machine] {
        if (machine.runs()) events_.booted(machine);
    });
}

Status Cloud::terminate(const std::string& id) {
    auto* machine = find(id);
    if (machine == nullptr || !machine->runs()) return Done{};
    if (machine->terminate_refused) {
        return Error{ErrorKind::denied, "termination protection is on", "OperationNotPermitted"};
    }
    end(*machine, "Client.UserInitiatedShutdown", true);
    return Done{};
}

void Cloud::end(Machine& machine, const char* why, bool gracefully) {
    if (!machine.runs()) return;
    machine.ended_at = timeline_.now();
    machine.instance.state = gracefully ? InstanceState::shutting_down : InstanceState::terminated;
    machine.instance.state_reason = why;
    trace_.add(timeline_.now(), "ec2", machine.instance.id + " terminated (" + why + ")");
    if (gracefully) {
        timeline_.after(30s, [&machine] { machine.instance.state = InstanceState::terminated; });
    }
    events_.ended(machine, gracefully);
}

void Cloud::warn(Machine& machine) {
    if (!machine.runs() || machine.warned_at) return;
    machine.warned_at = timeline_.now();
    trace_.add(timeline_.now(), "ec2", machine.instance.id + " gets a spot interruption notice");
    timeline_.after(warned_before_its_end,
                    [this, &machine] { end(machine, "Server.SpotInstanceTermination", true); });
    events_.warned(machine);
}

Machine* Cloud::find(const std::string& id) {
    const auto found = std::find_if(machines_.begin(), machines_.end(),
                                    [&](const Machine& each) { return each.instance.id == id; });
    return found == machines_.end() ? nullptr : &*found;
}

const Machine* Cloud::launched_by(const std::string& operation_id) const {
    const auto found = by_token_.find(operation_id);
    return found == by_token_.end() ? nullptr : &machines_[found->second];
}

}  // namespace nodenap::sim
