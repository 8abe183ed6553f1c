// Events that invoke the function: schedule, alerts, EC2, and manual actions.

#include "adapters/lambda/event.hpp"
#include "fuzz/fuzz.hpp"

#include <algorithm>

namespace nodenap::fuzz {
namespace {

bool is_printable(const std::string& text) {
    return std::ranges::none_of(text, [](unsigned char c) { return c < ' ' || c == 0x7F; });
}

void claim_alert(const Alert& alert) {
    claim(alert.names.size() <= 100, "an alert has a bounded number of names");
    for (const auto& name : alert.names)
        claim(!name.empty() && name.size() <= 200, "a name is neither empty nor long");
}

void claim_trigger(const Trigger& trigger) {
    claim(!name_of(trigger).empty(), "a trigger has a name");
    if (const auto* alert = std::get_if<Alert>(&trigger)) claim_alert(*alert);
    if (const auto* id = instance_of(trigger)) {
        claim(id->starts_with("i-") && id->size() <= 19, "an instance id is one");
        claim(id->find_first_not_of("0123456789abcdef", 2) == id->npos, "an instance id is hex");
    }
}

}  // namespace

void try_input(std::string_view input) {
    const auto event = read_event(input);
    if (const auto* trigger = std::get_if<Trigger>(&event)) return claim_trigger(*trigger);
    const auto& refusal = std::get<Refusal>(event);
    claim(refusal.code == "unknown_event", "a refusal has its code");
    claim(!refusal.text.empty() && refusal.text.size() < 400, "a refusal is a sentence");
    claim(is_printable(refusal.text), "a refusal quotes no control characters");
}

}  // namespace nodenap::fuzz
