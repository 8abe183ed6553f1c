// JSON of SSM and Service Quotas, which only `nodenap doctor` reads.

#include "doctor/answers.hpp"
#include "fuzz/fuzz.hpp"

#include <cmath>

namespace nodenap::fuzz {

void try_input(std::string_view input) {
    const std::string body(input);
    const auto changed = read_parameter_time(body);
    if (changed && *changed) {
        constexpr auto longest = std::chrono::hours(24 * 366 * 10000);
        claim(**changed >= Time{} - longest && **changed <= Time{} + longest,
              "a time can be reckoned with");
    }
    if (!changed) claim(!changed.error().text.empty(), "an error has a text");
    const auto quota = read_quota(body);
    if (quota) claim(std::isfinite(*quota), "a quota is a number");
}

}  // namespace nodenap::fuzz
