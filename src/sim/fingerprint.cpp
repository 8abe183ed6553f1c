#include "sim/fingerprint.hpp"

#include "decide/explain.hpp"

#include <algorithm>
#include <array>
#include <variant>

namespace nodenap::sim {
namespace {

constexpr std::uint64_t prime = 1099511628211ULL;

/// Attributes with texts for people, or with values encoded by the codec.
constexpr std::array<std::string_view, 3> not_counted = {"memory", "body", "reason"};

}  // namespace

void Fingerprint::add(std::string_view text) {
    for (const char letter : text) {
        hash_ = (hash_ ^ static_cast<unsigned char>(letter)) * prime;
    }
    hash_ = (hash_ ^ 0xffU) * prime;  // not a byte of UTF-8: separates "ab", "c" from "a", "bc"
}

void Fingerprint::add(std::int64_t number) { add(std::to_string(number)); }

void Fingerprint::add(const Offering& offering) {
    add(offering.pool);
    add(offering.instance_type);
    add(offering.zone);
    add(word(offering.capacity));
}

void Fingerprint::add(const std::string& name, const Attribute& attribute) {
    add(name);
    if (std::find(not_counted.begin(), not_counted.end(), name) != not_counted.end()) return;
    if (const auto* flag = std::get_if<bool>(&attribute.value)) add(std::int64_t{*flag});
    if (const auto* number = std::get_if<std::int64_t>(&attribute.value)) add(*number);
    if (const auto* text = std::get_if<std::string>(&attribute.value)) add(*text);
    if (const auto* map = std::get_if<AttributeMap>(&attribute.value)) {
        for (const auto& [entry, value] : *map) add(entry, value);
    }
}

void Fingerprint::add_write(const Key& key, const Change& change, bool refused) {
    add(refused ? "refused write" : "write");
    add(key.record);
    for (const auto& [path, value] : change.set) {
        add(path.entry);
        add(path.attribute, value);
    }
    for (const auto& [name, value] : change.set_if_absent) add(name, value);
    for (const auto& [name, number] : change.add) {
        add(name);
        add(number);
    }
    for (const auto& path : change.remove) {
        add(path.attribute);
        add(path.entry);
    }
}

void Fingerprint::add_launch(const Operation& operation, const Result<Instance>& answer) {
    add("launch");
    add(operation.id);
    add(operation.offering);
    add(operation.subnet);
    add(answer ? answer->id : answer.error().code);
}

void Fingerprint::add_termination(std::string_view instance_id, const Status& answer) {
    add("terminate");
    add(instance_id);
    add(answer ? "done" : answer.error().code);
}

void Fingerprint::add_record(const Record& record) {
    const auto& plan = record.plan;
    add("pass");
    add(word(plan.decision));
    for (const auto& reason : plan.reasons) add(word(reason.code));
    for (const auto& group : plan.launch) {
        add(group.offering);
        add(std::int64_t{group.count});
    }
    for (const auto& removal : plan.remove) add(removal.instance_id);
    for (const auto& effect : record.done) {
        add(effect.kind);
        add(effect.id);
        add(std::int64_t{effect.error.has_value()});
    }
}

}  // namespace nodenap::sim
