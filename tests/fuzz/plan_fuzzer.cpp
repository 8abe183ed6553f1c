// Decisions: from any numbers that the readers accept to the plan of a pass. An input is a list of
// whole numbers, which are consumed in order.

#include "decide/explain.hpp"
#include "decide/fit.hpp"
#include "decide/plan.hpp"
#include "fuzz/fuzz.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <map>
#include <utility>
#include <vector>

namespace nodenap::fuzz {
namespace {

using namespace std::chrono_literals;

/// The range to which readers clamp quantities. Those of pods and nodes are sums, so they may be
/// any number here.
constexpr std::int64_t largest = 1'000'000'000'000'000;
/// The range of counters of attempts.
constexpr int most_times = 1000;
constexpr Time first{std::chrono::sys_days(std::chrono::year(1) / 1 / 1)};
constexpr Time last{std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)};
constexpr Time now{std::chrono::seconds(1'795'464'000)};
const char* const type_names[] = {"t2.small", "c5.large", "x9.huge"};

class Numbers {
public:
    explicit Numbers(std::string_view text) : text_(text) {}

    /// The next number, 0 after the last; numbers that are too large are clamped.
    std::int64_t any() {
        const auto begin = std::min(text_.find_first_of("-0123456789"), text_.size());
        text_.remove_prefix(begin);
        std::int64_t number = 0;
        const auto read = std::from_chars(text_.data(), text_.data() + text_.size(), number);
        if (read.ec == std::errc::result_out_of_range) {
            constexpr std::numeric_limits<std::int64_t> limits;
            number = text_.starts_with('-') ? limits.min() : limits.max();
        }
        const auto end = static_cast<std::size_t>(read.ptr - text_.data());
        text_.remove_prefix(std::min(std::max<std::size_t>(end, 1), text_.size()));
        return number;
    }
    std::int64_t within(std::int64_t least, std::int64_t most) {
        return std::clamp(any(), least, most);
    }
    int count(int most) { return static_cast<int>(within(0, most)); }
    bool flag() { return any() != 0; }
    /// A time this many seconds before now.
    Time time() {
        constexpr std::int64_t most = 400'000'000'000;
        return std::clamp(now - std::chrono::seconds(within(-most, most)), first, last);
    }
    std::optional<Time> maybe_time() { return flag() ? std::optional(time()) : std::nullopt; }
    Resources resources() {
        constexpr auto most = std::numeric_limits<std::int64_t>::max();
        return {Millicores{within(0, most)}, Mebibytes{within(0, most)}, within(0, most)};
    }
    double number() { return static_cast<double>(any()) / 1000; }

private:
    std::string_view text_;
};

Policy policy_of(Numbers& numbers) {
    Policy policy;
    policy.mode = Mode::act;
    policy.limits.min_nodes = numbers.count(3);
    policy.limits.max_nodes = 1 + numbers.count(300);
    policy.scale_down.without_drain = numbers.flag() ? WithoutDrain::any : WithoutDrain::empty;
    policy.scale_down.unneeded_for = policy.scale_down.cooldown = 0ms;
    policy.reserve.cpu = Millicores{numbers.within(0, largest)};
    policy.reserve.memory = Mebibytes{numbers.within(0, largest)};
    Pool pool;
    pool.name = "workers";
    pool.subnets = {{"subnet-a", "us-east-1a"}, {"subnet-b", "us-east-1b"}};
    pool.instance_types = {"t2.small", "c5.large"};
    pool.max_nodes = 1000;
    policy.pools = {pool};
    policy.catalogue = {
        {"t2.small", 1, Mebibytes{2048}, "x86_64", 20.0, 0.023},
        {"c5.large", 2, Mebibytes{numbers.within(1, largest)}, "x86_64", std::nullopt, 0.085}};
    return policy;
}

struct Workers {
    std::vector<Instance> fleet;
    std::vector<Node> nodes;
    Use cpu;
    std::map<std::string, RememberedInstance> memory;
};

/// Its pods' requests include those of DaemonSets, as the reader sums them.
void add_worker(Workers& workers, Numbers numbers) {
    const bool is_first = workers.fleet.empty();
    const auto id = "i-" + std::to_string(workers.fleet.size());
    Instance instance;
    instance.id = id;
    instance.offering = {"workers", type_names[numbers.count(2)], "us-east-1a",
                         Capacity::on_demand};
    instance.state = InstanceState::running;
    instance.launched_at = numbers.time();
    instance.interrupted = instance.terminating = numbers.flag() && is_first;
    Node node;
    node.name = node.instance_id = id;
    node.ready = !numbers.flag();
    node.server = numbers.flag();
    node.created_at = numbers.time();
    node.allocatable = numbers.resources();
    node.requested = numbers.resources();
    const auto& all = node.requested;
    node.daemonset_requested = {Millicores{numbers.within(0, all.cpu.value)},
                                Mebibytes{numbers.within(0, all.memory.value)},
                                numbers.within(0, all.pods)};
    node.only_daemonset_pods = node.daemonset_requested.pods == all.pods;
    node.pods_being_deleted = numbers.within(0, largest);
    auto& memory = workers.memory[id];
    memory.registered_at = numbers.maybe_time();
    memory.notready_since = numbers.maybe_time();
    memory.unwatched = std::chrono::seconds(numbers.within(0, 1'000'000'000));
    const double busy = std::max(0.0, numbers.number());
    workers.cpu.hosts.push_back({id, busy, 1 + std::abs(numbers.number()), id});
    workers.nodes.push_back(std::move(node));
    workers.fleet.push_back(std::move(instance));
}

Pending pending_of(Numbers& numbers) {
    Pending pending;
    const int pods = numbers.count(40);
    for (int i = 0; i < pods; ++i) {
        PendingPod pod{"default/p" + std::to_string(i), "ReplicaSet/p", numbers.resources(),
                       numbers.maybe_time()};
        if (numbers.flag()) pod.others.push_back({"nvidia_com_gpu", numbers.within(0, largest)});
        pending.pods.push_back(std::move(pod));
    }
    pending.count = std::max<std::int64_t>(pods, numbers.within(0, 1'000'000'000));
    if (numbers.flag()) pending.freed["i-1"] = numbers.resources();
    return pending;
}

void fill_memory(Memory& memory, Numbers& numbers) {
    for (auto* time : {&memory.nodes_seen_at, &memory.low_since, &memory.low_seen_at,
                       &memory.last_ready_at, &memory.last_removal_at})
        *time = numbers.maybe_time();
    memory.cooldown_doublings = numbers.count(most_times);
    const auto failures = numbers.count(most_times);
    memory.groups.push_back({"default/ReplicaSet/p/0m/0Mi",
                             {numbers.any(), numbers.any()},
                             numbers.maybe_time(),
                             failures,
                             numbers.resources()});
    memory.allocatable["workers/t2.small"] = {numbers.resources(), numbers.time()};
    memory.launches.push_back(numbers.time());
}

/// A few kinds of workers, repeatedly.
Workers workers_of(Numbers numbers) {
    Workers workers;
    const int times = 1 + numbers.count(11);
    const int kinds = 1 + numbers.count(3);
    for (int i = 0; i < times; i += kinds) {
        Numbers again = numbers;
        for (int kind = 0; kind < kinds; ++kind) {
            add_worker(workers, again);
            for (int skipped = 0; skipped < 24; ++skipped) static_cast<void>(again.any());
        }
    }
    return workers;
}

Snapshot snapshot_of(Numbers& numbers) {
    Snapshot snapshot;
    snapshot.now = now;
    snapshot.cluster = "prod";
    const double cpu_percent = std::max(0.0, numbers.number());
    snapshot.signals.memory = Use{std::max(0.0, numbers.number()), {}};
    snapshot.signals.pending = pending_of(numbers);
    fill_memory(snapshot.memory, numbers);
    auto workers = workers_of(numbers);
    workers.cpu.percent = cpu_percent;
    snapshot.fleet = std::move(workers.fleet);
    snapshot.signals.nodes = std::move(workers.nodes);
    snapshot.signals.cpu = std::move(workers.cpu);
    snapshot.memory.instances = std::move(workers.memory);
    return snapshot;
}

bool is_removed(const Plan& plan, const Node& node) {
    return std::ranges::count(plan.remove, node.instance_id, &Removal::instance_id) > 0;
}

/// For numbers without overflow: after a removal by rule 4 all pods fit on the other nodes.
void claim_room(const Plan& plan, const Snapshot& snapshot,
                std::int64_t (*amount)(const Resources&)) {
    __extension__ using Wide = __int128;
    Wide asked = 0;
    Wide room = 0;
    for (const auto& node : snapshot.signals.nodes.value()) {
        const Wide requested = amount(node.requested);
        const bool gone = is_removed(plan, node);
        if (!gone && !node.ready) continue;
        asked += gone ? requested - amount(node.daemonset_requested) : requested;
        if (!gone) room += amount(node.allocatable);
    }
    claim(asked <= 0 || asked * 100 <= room * 90, "what remains holds all pods");
}

void claim_plan(const Plan& plan, const Snapshot& snapshot, const Policy& policy) {
    claim(!plan.reasons.empty() && !plan.reasons.front().text.empty(), "a plan has its reason");
    const auto members = membership(snapshot, policy);
    const int added = plan.totals.new_nodes;
    claim(added >= 0 && (added == 0 || members.alive() + added <= policy.limits.max_nodes),
          "nothing is launched above the maximum");
    const bool underused =
        std::ranges::count(plan.remove, RemovalCause::underused, &Removal::cause) > 0;
    const bool others_leave = std::ranges::any_of(snapshot.fleet.value(), &Instance::terminating);
    if (!underused || others_leave) return;
    claim_room(plan, snapshot, [](const Resources& all) { return all.cpu.value; });
    claim_room(plan, snapshot, [](const Resources& all) { return all.memory.value; });
    claim_room(plan, snapshot, [](const Resources& all) { return all.pods; });
}

}  // namespace

void try_input(std::string_view input) {
    Numbers numbers(input);
    const auto policy = policy_of(numbers);
    auto snapshot = snapshot_of(numbers);
    for (std::int64_t epoch = 1; epoch <= 2; ++epoch) {
        auto decision = decide(snapshot, policy);
        const auto plan = make_plan(decision, snapshot, policy);
        claim_plan(plan, snapshot, policy);
        claim(!headline(plan).empty(), "a plan is said in a line");
        snapshot.memory = remember(snapshot, std::move(decision), plan, epoch);
        snapshot.now += 2min;
    }
}

}  // namespace nodenap::fuzz
