#include "scheduling/areas.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace nodenap {

namespace {

/// Domains of one term by number, and what is in them.
struct TermDomains {
    std::map<std::string, std::size_t, std::less<>> numbers;
    std::vector<std::optional<std::size_t>> of_area;
    std::vector<std::int64_t> added;    // pods of ours that it counts, by domain
    std::vector<std::int64_t> holders;  // pods of ours that it keeps counted pods away from
    std::int64_t all_added = 0;

    std::size_t number(const std::string& name) {
        const auto [at, is_new] = numbers.try_emplace(name, numbers.size());
        if (is_new) {
            added.push_back(0);
            holders.push_back(0);
        }
        return at->second;
    }
};

/// A rule of a class with its domains by number.
struct AreaRule {
    std::size_t term = 0;
    std::vector<std::int64_t> in_cluster;  // by domain
    std::vector<char> exists;              // by domain: the scheduler will know it
    std::int64_t max_skew = 1;
    std::int64_t min_domains = 1;
    bool counts_itself = false;
    bool empty_in_cluster = true;
};

struct AreaClass {
    std::vector<AreaRule> spread;
    std::vector<AreaRule> affinity;
    std::vector<AreaRule> anti_affinity;
    std::vector<std::size_t> counted_by;
    bool starts_group = false;
    std::vector<char> areas;  // that have a kind for it

    bool is_free() const {
        return spread.empty() && affinity.empty() && anti_affinity.empty() && counted_by.empty();
    }
};

/// Kinds with equal values of all topology keys are one area.
std::vector<std::size_t> areas_of(const PlacementTerms& terms,
                                  const std::vector<NewNodeKind>& kinds) {
    std::map<std::vector<std::string>, std::size_t> numbers;
    std::vector<std::size_t> areas;
    for (const auto& kind : kinds) {
        std::vector<std::string> values;
        for (const auto& term : terms.terms) {
            if (term.is_by_node()) continue;
            const auto* const value = kind.node.labels.find(term.topology_key);
            values.push_back(value == nullptr ? "" : "=" + *value);
        }
        areas.push_back(numbers.try_emplace(std::move(values), numbers.size()).first->second);
    }
    return areas;
}

class AreaChoice {
public:
    AreaChoice(const PlacementTerms& terms, const std::vector<NewNodeKind>& kinds,
               const AllowedKinds& allowed)
        : terms_(terms), kinds_(kinds), area_of_kind_(areas_of(terms, kinds)) {
        for (const auto area : area_of_kind_) areas_ = std::max(areas_, area + 1);
        for (const auto& term : terms.terms) domains_.push_back(domains_of(term));
        for (std::size_t i = 0; i < terms.classes.size(); ++i)
            classes_.push_back(class_of(terms.classes[i], allowed[i]));
        spreads_.resize(terms.terms.size(), nullptr);
        for (const auto& each : classes_)
            for (const auto& rule : each.spread) spreads_[rule.term] = &rule;
    }

    bool is_free(std::size_t pod_class) const { return classes_[pod_class].is_free(); }
    std::size_t areas() const { return areas_; }
    std::size_t area_of_kind(std::size_t kind) const { return area_of_kind_[kind]; }

    /// The area that keeps the pods counted with this one most even; the first of equal ones.
    std::optional<std::size_t> best(std::size_t pod_class) const {
        std::optional<std::size_t> best;
        std::int64_t fewest = 0;
        for (std::size_t area = 0; area < areas_; ++area) {
            if (!may_take(classes_[pod_class], area)) continue;
            const auto counted = counted_in(classes_[pod_class], area);
            if (best && counted >= fewest) continue;
            best = area;
            fewest = counted;
        }
        return best;
    }

    void take(std::size_t pod_class, std::size_t area) {
        const auto& taken = classes_[pod_class];
        for (const auto term : taken.counted_by) {
            if (const auto domain = domains_[term].of_area[area]) {
                ++domains_[term].added[*domain];
                ++domains_[term].all_added;
            }
        }
        for (const auto& rule : taken.anti_affinity)
            if (const auto domain = domains_[rule.term].of_area[area])
                ++domains_[rule.term].holders[*domain];
    }

private:
    TermDomains domains_of(const PlacementTerm& term) const {
        TermDomains domains;
        domains.of_area.resize(areas_);
        for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
            const auto* const value = kinds_[kind].node.labels.find(term.topology_key);
            if (value != nullptr) domains.of_area[area_of_kind_[kind]] = domains.number(*value);
        }
        return domains;
    }

    AreaRule rule_of(const PlacementRule& rule) {
        auto& domains = domains_[rule.term];
        for (const auto& [name, pods] : rule.in_cluster) domains.number(name);
        AreaRule made;
        made.term = rule.term;
        made.in_cluster.resize(domains.numbers.size());
        made.exists.resize(domains.numbers.size());
        for (const auto& [name, pods] : rule.in_cluster) {
            const auto domain = domains.number(name);
            made.in_cluster[domain] = pods;
            made.exists[domain] = 1;
            if (pods > 0) made.empty_in_cluster = false;
        }
        return made;
    }

    AreaClass class_of(const ClassRules& rules, const std::vector<char>& allowed) {
        AreaClass made;
        made.areas = areas_for(allowed);
        made.starts_group = rules.starts_group;
        for (const auto& rule : rules.spread) {
            if (terms_.terms[rule.term].is_by_node()) continue;
            auto& added = made.spread.emplace_back(rule_of(rule));
            added.max_skew = rule.max_skew;
            added.min_domains = rule.min_domains;
            added.counts_itself = rule.counts_itself;
            for (std::size_t area = 0; area < areas_; ++area)
                if (const auto domain = domains_[rule.term].of_area[area])
                    if (made.areas[area] != 0) added.exists[*domain] = 1;
        }
        for (const auto& rule : rules.affinity)
            if (!terms_.terms[rule.term].is_by_node()) made.affinity.push_back(rule_of(rule));
        for (const auto& rule : rules.anti_affinity)
            if (!terms_.terms[rule.term].is_by_node()) made.anti_affinity.push_back(rule_of(rule));
        for (const auto term : rules.counted_by)
            if (!terms_.terms[term].is_by_node()) made.counted_by.push_back(term);
        return made;
    }

    std::vector<char> areas_for(const std::vector<char>& allowed) const {
        std::vector<char> areas(areas_, 0);
        for (std::size_t kind = 0; kind < kinds_.size(); ++kind)
            if (allowed[kind] != 0) areas[area_of_kind_[kind]] = 1;
        return areas;
    }

    std::int64_t count(const AreaRule& rule, std::size_t domain) const {
        const auto in_cluster = domain < rule.in_cluster.size() ? rule.in_cluster[domain] : 0;
        return in_cluster + domains_[rule.term].added[domain];
    }

    std::int64_t fewest(const AreaRule& rule) const {
        std::optional<std::int64_t> fewest;
        std::int64_t domains = 0;
        for (std::size_t domain = 0; domain < rule.exists.size(); ++domain) {
            if (rule.exists[domain] == 0) continue;
            ++domains;
            fewest = std::min(fewest.value_or(count(rule, domain)), count(rule, domain));
        }
        return domains < rule.min_domains ? 0 : fewest.value_or(0);
    }

    bool may_take(const AreaClass& taken, std::size_t area) const {
        if (taken.areas[area] == 0) return false;
        for (const auto& rule : taken.spread) {
            const auto domain = domains_[rule.term].of_area[area];
            if (!domain) return false;
            const auto with_pod = count(rule, *domain) + (rule.counts_itself ? 1 : 0);
            if (with_pod - fewest(rule) > rule.max_skew) return false;
        }
        for (const auto& rule : taken.anti_affinity) {
            const auto domain = domains_[rule.term].of_area[area];
            if (domain && count(rule, *domain) > 0) return false;
        }
        for (const auto term : taken.counted_by) {
            const auto domain = domains_[term].of_area[area];
            if (domain && domains_[term].holders[*domain] > 0) return false;
        }
        return is_near(taken, area);
    }

    bool is_near(const AreaClass& taken, std::size_t area) const {
        bool near = true;
        bool nothing_matches = true;
        for (const auto& rule : taken.affinity) {
            const auto domain = domains_[rule.term].of_area[area];
            if (!domain) return false;
            if (count(rule, *domain) <= 0) near = false;
            if (!rule.empty_in_cluster || domains_[rule.term].all_added > 0)
                nothing_matches = false;
        }
        return near || (nothing_matches && taken.starts_group);
    }

    /// Only spread wants pods to be even.
    std::int64_t counted_in(const AreaClass& taken, std::size_t area) const {
        std::int64_t counted = 0;
        for (const auto term : taken.counted_by) {
            const auto domain = domains_[term].of_area[area];
            if (domain && spreads_[term] != nullptr) counted += count(*spreads_[term], *domain);
        }
        return counted;
    }

    const PlacementTerms& terms_;
    const std::vector<NewNodeKind>& kinds_;
    std::vector<std::size_t> area_of_kind_;
    std::size_t areas_ = 0;
    std::vector<TermDomains> domains_;
    std::vector<AreaClass> classes_;
    std::vector<const AreaRule*> spreads_;  // by term: one of the constraints that use it
};

/// The pods of one shape, by area.
std::vector<Lot> lots_of(std::size_t shape, const std::vector<std::vector<const Pod*>>& by_area,
                         const AreaChoice& choice, const std::vector<char>& allowed) {
    std::vector<Lot> lots;
    for (std::size_t area = 0; area < by_area.size(); ++area) {
        if (by_area[area].empty()) continue;
        Lot lot{shape, allowed, by_area[area]};
        for (std::size_t kind = 0; kind < allowed.size(); ++kind)
            if (choice.area_of_kind(kind) != area) lot.kinds[kind] = 0;
        lots.push_back(std::move(lot));
    }
    return lots;
}

using ByArea = std::vector<std::vector<const Pod*>>;

/// Gives pods of a shape an area each, from `next` on, until one finds none.
bool choose_for(const PodShape& shape, std::size_t& next, ByArea& chosen, AreaChoice& choice) {
    const auto first = next;
    for (; next < shape.pods.size(); ++next) {
        const auto area = choice.best(shape.pod_class);
        if (!area) break;
        choice.take(shape.pod_class, *area);
        chosen[*area].push_back(shape.pods[next]);
    }
    return next > first;
}

/// The pods of each shape, by area. A pod that must be near others waits until one of those has an
/// area.
std::vector<ByArea> pods_by_area(const PodShapes& shapes, AreaChoice& choice) {
    std::vector<ByArea> chosen(shapes.shapes.size(), ByArea(choice.areas()));
    std::vector<std::size_t> next(shapes.shapes.size(), 0);
    for (bool progress = true; progress;) {
        progress = false;
        for (std::size_t i = 0; i < shapes.shapes.size(); ++i) {
            const auto& shape = shapes.shapes[i];
            if (choice.is_free(shape.pod_class)) continue;
            if (choose_for(shape, next[i], chosen[i], choice)) progress = true;
        }
    }
    return chosen;
}

}  // namespace

std::vector<Lot> choose_areas(const PodShapes& shapes, const PlacementTerms& terms,
                              const std::vector<NewNodeKind>& kinds, const AllowedKinds& allowed) {
    AreaChoice choice(terms, kinds, allowed);
    const auto chosen = pods_by_area(shapes, choice);
    std::vector<Lot> lots;
    for (std::size_t i = 0; i < shapes.shapes.size(); ++i) {
        const auto& shape = shapes.shapes[i];
        const auto& kinds_of_class = allowed[shape.pod_class];
        if (choice.is_free(shape.pod_class)) {
            lots.push_back({i, kinds_of_class, shape.pods});
            continue;
        }
        auto more = lots_of(i, chosen[i], choice, kinds_of_class);
        std::ranges::move(more, std::back_inserter(lots));
    }
    return lots;
}

}  // namespace nodenap
