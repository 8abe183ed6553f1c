#include "controller/invocation.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace nodenap {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds lease_retry_every = 2s;
/// With less time than this a pass could look, but begin nothing.
constexpr Milliseconds useful_pass = longest_call + longest_release + 5s;

class Invocation {
public:
    Invocation(const Ports& ports, const Settings& settings, const Wakeup& wakeup)
        : ports_(ports),
          settings_(settings),
          wakeup_(wakeup),
          began_(ports.clock.monotonic()),
          length_(std::min(wakeup.time_left, longest_invocation)) {}

    Result<Outcome> run() {
        auto answer = first_pass();
        if (!answer || answer->held_by_another) return answer;
        auto latest = *answer;
        while (latest.in_flight && may_look_again()) {
            ports_.clock.sleep_for(settings_.relook.every);
            auto again = pass();
            if (!again) {
                ports_.log.write({"pass_failed", {{"error", again.error().text}}});
                answer->succeeded = false;
                break;
            }
            if (again->held_by_another) break;
            latest = std::move(*again);
            answer->succeeded = answer->succeeded && latest.succeeded;
            const bool nothing_yet = answer->record.done.empty();
            if (nothing_yet || !latest.record.done.empty()) answer->record = latest.record;
        }
        answer->in_flight = latest.in_flight;
        return answer;
    }

private:
    Milliseconds left() const { return length_ - (ports_.clock.monotonic() - began_); }

    bool may_look_again() const {
        const auto passed = ports_.clock.monotonic() - began_;
        return passed + settings_.relook.every <= settings_.relook.span &&
               left() > settings_.relook.every + useful_pass;
    }

    Result<Outcome> pass() {
        Claim claim;
        claim.owner = wakeup_.random();
        claim.fresh_generation = wakeup_.random();
        claim.now = ports_.clock.now();
        claim.monotonic = ports_.clock.monotonic();
        claim.length = left() + lease_margin;
        return reconcile(ports_, settings_, wakeup_.trigger, claim);
    }

    Result<Outcome> first_pass() {
        auto outcome = pass();
        while (outcome && outcome->held_by_another && !may_be_skipped(wakeup_.trigger) &&
               left() > lease_retry_every + useful_pass) {
            ports_.clock.sleep_for(lease_retry_every);
            outcome = pass();
        }
        return outcome;
    }

    const Ports& ports_;
    const Settings& settings_;
    const Wakeup& wakeup_;
    Milliseconds began_;
    Milliseconds length_;
};

}  // namespace

Result<Outcome> run_invocation(const Ports& ports, const Settings& settings, const Wakeup& wakeup) {
    return Invocation(ports, settings, wakeup).run();
}

}  // namespace nodenap
