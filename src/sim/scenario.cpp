#include "sim/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds all_must_be_well_after = 5h;

InstanceType type(const char* name, int vcpu, std::int64_t memory, double price) {
    InstanceType made;
    made.name = name;
    made.vcpu = vcpu;
    made.memory = Mebibytes{memory};
    made.price_per_hour_usd = price;
    return made;
}

Pool pool(const char* name, std::vector<std::string> types) {
    Pool made;
    made.name = name;
    made.launch_template = "lt-1";
    made.launch_template_version = "1";
    made.subnets = {{"subnet-a", "zone-a"}, {"subnet-b", "zone-b"}};
    made.instance_types = std::move(types);
    made.max_nodes = 20;
    return made;
}

void draw_limits(Random& random, Policy& policy) {
    auto& limits = policy.limits;
    limits.min_nodes = static_cast<int>(random.between(0, 3));
    limits.max_nodes = limits.min_nodes + static_cast<int>(random.between(1, 10));
    limits.max_launches_per_pass = static_cast<int>(random.between(1, 10));
    limits.max_launches_per_hour = static_cast<int>(random.between(5, 40));
    if (random.chance(0.3)) policy.scale_down.without_drain = WithoutDrain::any;
    if (random.chance(0.2)) policy.scale_up.pending_for = random.between(0s, 2min);
    policy.scale_down.cooldown = random.between(1min, 10min);
    policy.scale_down.unneeded_for = random.between(1min, 10min);
    policy.scale_up.join_timeout = random.between(4min, 12min);
}

/// In one world of five; enough for the minimum, and seldom for all pods.
void draw_price(Random random, Limits& limits) {
    if (!random.chance(0.2)) return;
    const double least = 0.096 * (limits.min_nodes + 2);
    limits.max_price_per_hour_usd = least * (1 + random.unit());
}

/// In one world of four, removing a node may raise CPU above the scale-up threshold.
void draw_lines(Random random, Policy& policy) {
    if (random.chance(0.25)) policy.scale_down.cpu_below_percent = 40 + 25 * random.unit();
}

void draw_pools(Random& random, Policy& policy) {
    policy.pools = {pool("small", {"t3.small", "t3.medium"})};
    if (random.chance(0.4)) policy.pools.push_back(pool("large", {"m5.large"}));
    for (auto& each : policy.pools) {
        if (random.chance(0.3)) each.capacity = CapacityChoice::spot_then_on_demand;
        if (random.chance(0.2)) each.capacity = CapacityChoice::spot;
        if (random.chance(0.2)) each.max_nodes = static_cast<int>(random.between(3, 8));
        if (random.chance(0.1)) each.min_nodes = 1;
    }
    auto& most = policy.limits.max_nodes;
    most = std::max(most, static_cast<int>(policy.pools.size()));
}

Deployment draw_deployment(Random& random) {
    Deployment made;
    made.name = fmt::format("default/app{}", random.between(1, 4));
    made.requests = {{random.between(2, 80) * 10}, {random.between(2, 120) * 10}, 1};
    made.uses = Millicores{random.between(0, 2 * made.requests.cpu.value)};
    made.replicas = static_cast<int>(random.chance(0.3) ? 0 : random.between(1, 30));
    made.gated = random.chance(0.05);
    made.fits_nowhere = random.chance(0.05);
    if (random.chance(0.03)) made.requests.memory = Mebibytes{100'000};
    return made;
}

std::vector<Step> draw_steps(Random& random, Milliseconds length) {
    std::vector<Step> steps;
    for (Milliseconds at = random.between(0s, 10min); at < length;
         at += random.between(30s, 40min)) {
        steps.push_back({at, draw_deployment(random)});
    }
    return steps;
}

/// In one world of seven: a CronJob, or a tool that generates names, starts a pod every few
/// minutes, each with another owner, and deletes it after a while or before a node could be Ready.
/// None of them fits.
void draw_runs(Random random, Milliseconds length, std::vector<Step>& steps) {
    if (!random.chance(0.15)) return;
    const bool is_cron_job = random.chance(0.3);
    const auto every = random.between(1min, 6min);
    auto lives_for = random.between(10min, 40min);
    Deployment run;
    run.requests = {{random.between(2, 80) * 10}, {random.between(2, 120) * 10}, 1};
    run.fits_nowhere = true;
    if (random.chance(0.5)) lives_for = random.between(30s, 4min);
    for (Milliseconds at = random.between(0s, 20min); at + lives_for < length; at += every) {
        const auto minute = 29'000'000 + at / 1min;
        run.name = is_cron_job ? fmt::format("batch/report-{}", minute)
                               : fmt::format("ci/run-{}-of-many", minute);
        run.replicas = 1;
        steps.push_back({at, run});
        run.replicas = 0;
        steps.push_back({at + lives_for, run});
    }
    std::ranges::stable_sort(steps, {}, &Step::at);
}

}  // namespace

Settings plain_settings() {
    Settings settings;
    settings.cluster = "sim";
    settings.region = "us-east-1";
    settings.policy.catalogue = {
        type("t2.small", 1, 2048, 0.023), type("t3.small", 2, 2048, 0.0208),
        type("t3.medium", 2, 4096, 0.0416), type("m5.large", 2, 8192, 0.096)};
    settings.policy.pools = {pool("workers", {"t2.small"})};
    return settings;
}

Scenario make_up_scenario(std::uint64_t seed) {
    Random random(seed, "scenario");
    Scenario made;
    made.name = "chaos";
    made.settings = plain_settings();
    draw_limits(random, made.settings.policy);
    draw_pools(random, made.settings.policy);
    draw_price(Random(seed, "price"), made.settings.policy.limits);
    draw_lines(Random(seed, "lines"), made.settings.policy);
    made.length = random.between(1h, 5h);
    made.calm = all_must_be_well_after;
    made.steps = draw_steps(random, made.length);
    draw_runs(Random(seed, "runs"), made.length, made.steps);
    made.faults = draw_faults(random);
    return made;
}

}  // namespace nodenap::sim
