#include "scheduling/node_packer.hpp"

#include <algorithm>
#include <cmath>

namespace nodenap {

namespace {

/// The largest price of a vCPU and a byte, in this ratio, at which no offer is worth more than it
/// costs.
double scale_at(const PackProblem& problem, double cpu, double memory) {
    double scale = std::numeric_limits<double>::infinity();
    for (const auto& offer : problem.offers) {
        const auto sum = cpu * static_cast<double>(offer.free[ResourceAxes::cpu]) +
                         memory * static_cast<double>(offer.free[ResourceAxes::memory]);
        if (sum > 0) scale = std::min(scale, offer.price_per_hour_usd / sum);
    }
    return scale;
}

Size total_size(const PackProblem& problem) {
    Size total(problem.shapes->axes.count(), 0);
    for (std::size_t lot = 0; lot < problem.lots.size(); ++lot) {
        const auto& size = problem.shape(lot).size;
        const auto pods = static_cast<std::int64_t>(problem.lots[lot].pods.size());
        for (std::size_t axis = 0; axis < size.size(); ++axis)
            total[axis] = clamped_sum(total[axis], clamped(size[axis]) * pods);
    }
    return total;
}

/// A place for a pod is worth little, but something: pods without requests need nodes, too.
double worth_of_a_place(const PackProblem& problem) {
    double least = std::numeric_limits<double>::infinity();
    for (const auto& offer : problem.offers)
        if (offer.free[2] > 0)
            least = std::min(least, offer.price_per_hour_usd / static_cast<double>(offer.free[2]));
    return std::isfinite(least) ? std::max(least, 1e-9) / 1000 : 1e-9;
}

}  // namespace

double PackProblem::worth(const Size& size) const {
    double sum = 0;
    for (std::size_t axis = 0; axis < worth_by_axis.size(); ++axis)
        sum += worth_by_axis[axis] * static_cast<double>(size[axis]);
    return sum;
}

/// The dual of the linear program that covers the requests of CPU and memory with fractions of
/// offers, searched by the ratio of the two prices.
void set_worth(PackProblem& problem) {
    constexpr int steps = 64;
    const auto total = total_size(problem);
    const auto cpus = static_cast<double>(std::max<std::int64_t>(total[ResourceAxes::cpu], 1));
    const auto bytes = static_cast<double>(std::max<std::int64_t>(total[ResourceAxes::memory], 1));
    double best = -1;
    problem.worth_by_axis = {0, 0, worth_of_a_place(problem)};
    for (int step = 0; step <= steps; ++step) {
        const auto cpu = static_cast<double>(step) / steps / cpus;
        const auto memory = static_cast<double>(steps - step) / steps / bytes;
        const auto scale = scale_at(problem, cpu, memory);
        const auto covered = std::isfinite(scale) ? scale * (cpu * cpus + memory * bytes) : 0;
        if (covered <= best) continue;
        best = covered;
        problem.worth_by_axis[0] = std::isfinite(scale) ? scale * cpu : 0;
        problem.worth_by_axis[1] = std::isfinite(scale) ? scale * memory : 0;
    }
    for (auto& offer : problem.offers) offer.worth = problem.worth(offer.free);
}

bool is_better(const PackedNodes& a, const PackedNodes& b) {
    constexpr double same_price = 1e-9;
    if (a.left != b.left) return a.left < b.left;
    if (std::abs(a.price_per_hour_usd - b.price_per_hour_usd) > same_price)
        return a.price_per_hour_usd < b.price_per_hour_usd;
    return a.nodes.size() < b.nodes.size();
}

}  // namespace nodenap
