#include "decide/backoff.hpp"

#include "decide/joining.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds first_backoff = 3min;
constexpr Milliseconds longest_backoff = 30min;
constexpr Milliseconds backoff_if_not_sold = 24h;
constexpr Milliseconds refusal_lasts = 30min;

}  // namespace

Milliseconds doubled(Milliseconds first, int times, Milliseconds longest) {
    auto span = first;
    for (int i = 0; i < times && span.count() > 0 && span < longest; ++i) span *= 2;
    return std::min(span, longest);
}

// NOLINTNEXTLINE(readability-function-size): memory, offering, time, and two texts
void back_off(Memory& memory, const Offering& offering, Time now, std::string cause,
              bool not_sold) {
    auto found = std::find_if(
        memory.unavailable_offerings.begin(), memory.unavailable_offerings.end(),
        [&](const UnavailableOffering& unavailable) { return unavailable.offering == offering; });
    if (found == memory.unavailable_offerings.end()) {
        memory.unavailable_offerings.push_back({offering, now, 0, {}});
        found = std::prev(memory.unavailable_offerings.end());
    }
    found->cause = std::move(cause);
    if (found->until > now && !not_sold) return;
    found->until = now + (not_sold ? backoff_if_not_sold
                                   : doubled(first_backoff, found->failures, longest_backoff));
    ++found->failures;
}

void forget_old_backoffs(Memory& memory, Time now) {
    std::erase_if(memory.unavailable_offerings, [&](const UnavailableOffering& unavailable) {
        return now - unavailable.until > longest_backoff;
    });
}

bool is_in_backoff(const Memory& memory, const Offering& offering, Time now) {
    return std::any_of(memory.unavailable_offerings.begin(), memory.unavailable_offerings.end(),
                       [&](const UnavailableOffering& each) {
                           return each.offering == offering && each.until > now;
                       });
}

void note_registration_failure(Memory& memory, const std::string& instance_id,
                               const Offering& offering, Time now) {
    const bool again = std::exchange(memory.instances[instance_id].registration_failed, true);
    if (!again) back_off(memory, offering, now, "not registered in time", false);
}

void note_refused_removal(Memory& memory, const std::string& instance_id, Time now) {
    memory.instances[instance_id].refused_until = now + refusal_lasts;
}

std::optional<Milliseconds> refused_for(const Memory& memory, const std::string& instance_id,
                                        Time now) {
    const auto* known = remembered(memory, instance_id);
    if (known == nullptr || !known->refused_until || *known->refused_until <= now) {
        return std::nullopt;
    }
    return *known->refused_until - now;
}

}  // namespace nodenap
