#include "scheduling/pod_shapes.hpp"

#include "scheduling/resources.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>

namespace nodenap {

namespace {

/// Of what usually tells classes apart; equality decides.
class Hash {
public:
    void add(std::string_view text) { mix(std::hash<std::string_view>()(text)); }
    void add(const Labels& labels) {
        for (const auto& [key, value] : labels) {
            add(key);
            add(value);
        }
    }
    void add(const std::optional<LabelSelector>& selector) {
        if (!selector) return;
        for (const auto& requirement : selector->requirements) {
            add(requirement.key);
            for (const auto& value : requirement.values) add(value);
        }
    }
    void mix(std::size_t more) { hash_ = (hash_ ^ more) * 0x9E3779B97F4A7C15ULL + 1; }
    std::size_t value() const { return hash_; }

private:
    std::size_t hash_ = 0;
};

std::size_t hash_of(const Pod& pod) {
    Hash hash;
    hash.add(pod.namespace_name);
    hash.add(pod.labels);
    const auto& rules = pod.rules;
    hash.add(rules.node_selector);
    for (const auto* terms : {&rules.affinity, &rules.anti_affinity}) {
        hash.mix(terms->size());
        for (const auto& term : *terms) hash.add(term.selector);
    }
    for (const auto& spread : rules.spread) hash.add(spread.selector);
    for (const auto& volume : rules.volumes) hash.add(volume.claim);
    return hash.value();
}

bool are_alike(const Pod& a, const Pod& b) {
    return a.namespace_name == b.namespace_name && a.priority == b.priority &&
           a.labels == b.labels && a.rules == b.rules;
}

bool is_earlier(const Pod* a, const Pod* b) {
    return std::tie(a->namespace_name, a->name) < std::tie(b->namespace_name, b->name);
}

/// Classes and shapes are numbered in the order in which their first pod comes.
class Interning {
public:
    explicit Interning(PodShapes& into) : into_(into) {}

    void add(const Pod& pod) {
        const auto pod_class = class_of(pod);
        auto size = into_.axes.size_of(pod.requests, 1);
        const auto [at, is_new] = shapes_[pod_class].try_emplace(size, into_.shapes.size());
        if (is_new) into_.shapes.push_back({pod_class, std::move(size), {}});
        into_.shapes[at->second].pods.push_back(&pod);
    }

private:
    std::size_t class_of(const Pod& pod) {
        auto& known = classes_[hash_of(pod)];
        for (const auto each : known)
            if (are_alike(pod, *into_.classes[each])) return each;
        known.push_back(into_.classes.size());
        into_.classes.push_back(&pod);
        shapes_.emplace_back();
        return known.back();
    }

    PodShapes& into_;
    std::unordered_map<std::size_t, std::vector<std::size_t>> classes_;  // by hash
    std::vector<std::map<Size, std::size_t>> shapes_;                    // by class
};

}  // namespace

bool is_within(const Size& size, const Size& free) {
    for (std::size_t i = 0; i < size.size(); ++i)
        if (size[i] > 0 && size[i] > free[i]) return false;
    return true;
}

void add(Size& to, const Size& more) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = clamped_sum(to[i], more[i]);
}

void subtract(Size& from, const Size& less) {
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = clamped_difference(from[i], less[i]);
}

ResourceAxes::ResourceAxes(const std::vector<const Pod*>& pods) {
    std::set<std::string> names;
    for (const auto* pod : pods)
        for (const auto& other : pod->requests.others)
            if (is_counted(other.name)) names.insert(other.name);
    others_.assign(names.begin(), names.end());
}

Size ResourceAxes::size_of(const ResourceAmounts& amounts, std::int64_t pods) const {
    Size size = {amounts.cpu.value, amounts.memory.value, pods, amounts.ephemeral_storage.value};
    for (const auto& name : others_) size.push_back(amounts.other(name));
    return size;
}

std::string ResourceAxes::name(std::size_t axis) const {
    constexpr std::string_view first[] = {"cpu", "memory", "pods", "ephemeral-storage"};
    return axis < std::size(first) ? std::string(first[axis]) : others_[axis - std::size(first)];
}

PodShapes shapes_of(std::vector<const Pod*> pods) {
    std::ranges::sort(pods, is_earlier);
    PodShapes all{ResourceAxes(pods), {}, {}};
    Interning interning(all);
    for (const auto* pod : pods) interning.add(*pod);
    return all;
}

}  // namespace nodenap
