// The lease's calculations, for any order of actions by three owners and any gaps between them.

#include "controller/lease.hpp"
#include "fakes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

namespace nodenap::test {
namespace {

using namespace std::chrono_literals;

int any_of(int low, int high) { return *rc::gen::inRange(low, high + 1); }

/// Around every length and margin.
Milliseconds any_gap() {
    return *rc::gen::element<Milliseconds>(0ms, 1ms, 1s, longest_release, lease_margin,
                                           longest_call, longest_invocation, 115s, 115001ms, 10min);
}

class Crowd {
public:
    void step() {
        const auto who = std::size_t(any_of(0, 2));
        switch (any_of(0, 3)) {
            case 0:
                take(who);
                break;
            case 1:
                write(who);
                break;
            case 2:
                give_back(who);
                break;
            default:
                world_.clock.advance(any_gap());
        }
        expect_one_at_most();
    }

private:
    void take(std::size_t who) {
        const Milliseconds length = std::chrono::seconds(any_of(20, 115));
        const Claim claim{"owner " + std::to_string(++tries_), std::string(32, 'a'),
                          world_.clock.now(), world_.clock.monotonic(), length};
        const auto got = acquire(world_.store, world_.codec, "prod", claim);
        RC_ASSERT(static_cast<bool>(got));
        if (got->held_by_another) return;
        RC_ASSERT(got->lease.epoch > newest_epoch_);
        newest_epoch_ = got->lease.epoch;
        leases_[who] = got->lease;
    }

    void write(std::size_t who) {
        if (!leases_[who]) return;
        Change change;
        change.set = {{{"memory"}, {std::to_string(leases_[who]->epoch)}}};
        const auto written = write_fenced(world_.store, *leases_[who], change);
        RC_ASSERT(static_cast<bool>(written));
        RC_ASSERT(*written == (leases_[who]->epoch == newest_epoch_));
    }

    void give_back(std::size_t who) {
        if (!leases_[who]) return;
        const bool newest = leases_[who]->epoch == newest_epoch_;
        const auto released = release(world_.store, *leases_[who], {});
        RC_ASSERT(static_cast<bool>(released));
        RC_ASSERT(*released == newest);
        leases_[who].reset();
    }

    /// A call that may start ends before anyone else can hold the lease.
    void expect_one_at_most() {
        int holders = 0;
        const auto now = world_.clock.monotonic();
        for (const auto& lease : leases_) {
            if (!lease || !may_act(*lease, now)) continue;
            ++holders;
            const auto ends = lease->began + lease->length;
            RC_ASSERT(now + longest_call + longest_release + lease_margin < ends);
            RC_ASSERT(lease->epoch == newest_epoch_);
            RC_ASSERT(!may_act(*lease, ends));
        }
        RC_ASSERT(holders <= 1);
    }

    FakeWorld world_;
    std::array<std::optional<Lease>, 3> leases_;
    std::int64_t newest_epoch_ = 0;
    int tries_ = 0;
};

RC_GTEST_PROP(LeaseProperty, OneHolderMayActAndOnlyTheNewestWrites, ()) {
    Crowd crowd;
    for (int i = any_of(1, 60); i > 0; --i) crowd.step();
}

RC_GTEST_PROP(LeaseProperty, HolderThatMayActNowMayHaveActedBefore, ()) {
    Lease lease;
    lease.began = any_gap();
    lease.length = any_gap();
    const auto now = lease.began + any_gap();
    if (may_act(lease, now)) RC_ASSERT(may_act(lease, now - 1ms));
    RC_ASSERT(!may_act(lease, lease.began + lease.length - lease_margin));
}

}  // namespace
}  // namespace nodenap::test
