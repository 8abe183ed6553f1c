#include "sim/wire/server_http.hpp"

#include "servers_world.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace nodenap::test {
namespace {

using namespace servers;

using namespace std::chrono_literals;

/// Answers with the body it got, on the delivery that a test has set.
class Echo final : public Server {
public:
    Delivery plan(const HttpRequest&, sim::NetworkLink&) override { return delivery; }
    Reply answer(const Arrival& arrival) override {
        ++arrived;
        return {{200, {}, arrival.request.body}, [this] { ++heard; }};
    }
    Delivery delivery;
    int arrived = 0;
    int heard = 0;
};

struct Net : ServersWorld {
    Net() {
        auto made = std::make_unique<Echo>();
        echo = made.get();
        servers["echo"] = std::move(made);
        echo->delivery.there = 100ms;
        echo->delivery.takes = 50ms;
    }
    /// Sends so many requests at once, and goes on for an hour.
    std::vector<Result<HttpResponse>> send(std::size_t count) {
        std::optional<std::vector<Result<HttpResponse>>> got;
        const HttpRequest request{.method = "POST",
                                  .url = "http://echo/",
                                  .body = "0123456789",
                                  .timeout = 2s,
                                  .signing = AwsSigning{}};
        world.timeline.start([&] {
            got = http.send(std::vector<HttpRequest>(count, request));
            ended_at = world.timeline.now();
        });
        world.timeline.run_until(world.timeline.now() + 1h);
        return *std::move(got);
    }
    Milliseconds took() const { return ended_at - sim::world_begins; }

    Servers servers;
    Echo* echo = nullptr;
    RoleSession session{"AKIA", Secret("the-key"), Secret("the-token")};
    ServerHttp http{{world, servers, SecretLeakDetector(world, session)}, link};
    Time ended_at{};
};

TEST(ServerHttp, BatchRunsInParallel) {
    Net net;
    const auto got = net.send(10);
    ASSERT_EQ(got.size(), 10U);
    for (const auto& each : got) EXPECT_EQ(each->body, "0123456789");
    EXPECT_EQ(net.took(), 150ms);
    EXPECT_EQ(net.echo->heard, 10);
}

TEST(ServerHttp, EachFailureHasItsErrorKind) {
    struct Case {
        const char* name;
        std::function<void(Delivery&)> change;
        std::optional<ErrorKind> kind;
        int arrived;
        Milliseconds took;
    };
    using Back = Delivery::Back;
    const Case cases[] = {
        {"no connection", [](Delivery& j) { j.connects = false; }, ErrorKind::unavailable, 0,
         150ms},
        {"lost on its way", [](Delivery& j) { j.arrives = false, j.back = Back::lost; },
         ErrorKind::unknown_outcome, 0, 2s},
        {"its answer is lost", [](Delivery& j) { j.back = Back::lost; }, ErrorKind::unknown_outcome,
         1, 2s},
        {"its answer is cut", [](Delivery& j) { j.back = Back::cut; }, ErrorKind::unknown_outcome,
         1, 150ms},
        {"late", [](Delivery& j) { j.there = 1min, j.back = Back::lost; },
         ErrorKind::unknown_outcome, 1, 2s},
        {"slow", [](Delivery& j) { j.takes = 3s; }, ErrorKind::unknown_outcome, 1, 2s},
        {"damaged", [](Delivery& j) { j.back = Back::damaged; }, std::nullopt, 1, 150ms},
        {"replaced",
         [](Delivery& j) {
             j.back = Back::replaced;
             j.instead = {503, {}, "no"};
         },
         std::nullopt, 1, 150ms}};
    for (const auto& each : cases) {
        Net net;
        each.change(net.echo->delivery);
        const auto got = net.send(1).front();
        const auto kind = got ? std::nullopt : std::optional(got.error().kind);
        EXPECT_EQ(kind, each.kind) << each.name;
        EXPECT_NE(got ? got->body : "", "0123456789") << each.name;
        EXPECT_EQ(net.echo->arrived, each.arrived) << each.name;
        EXPECT_EQ(net.echo->heard, 0) << each.name;
        EXPECT_EQ(net.took(), each.took) << each.name;
    }
}

TEST(ServerHttp, CrashedProcessSendsNothing) {
    Net net;
    net.world.faults.crash = 1;
    for (const auto& each : net.send(3)) EXPECT_FALSE(each);
    EXPECT_EQ(net.echo->arrived, 0);
}

TEST(ServerHttp, SentRequestTakesEffectAfterACrash) {
    Net net;
    net.world.faults.crash_unheard = 1;
    for (const auto& each : net.send(3)) EXPECT_FALSE(each);
    EXPECT_EQ(net.echo->arrived, 3);
    EXPECT_EQ(net.echo->heard, 0);
}

TEST(ServerHttp, SuspensionPastTheDeadlineIsATimeout) {
    Net net;
    net.world.faults.pause = 1;
    const auto got = net.send(2);
    EXPECT_FALSE(got[0]) << "the second one's pause was after it";
    EXPECT_TRUE(got[1]);
    EXPECT_EQ(net.echo->arrived, 2);
}

TEST(ServerHttp, UnknownHostHasNoConnection) {
    Net net;
    net.servers.clear();
    EXPECT_EQ(net.send(1).front().error().kind, ErrorKind::unavailable);
    EXPECT_FALSE(net.is_kept("wire"));
}

}  // namespace
}  // namespace nodenap::test
