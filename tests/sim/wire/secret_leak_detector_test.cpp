#include "sim/wire/secret_leak_detector.hpp"

#include "servers_world.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

using namespace servers;

class NoLog final : public EventLog {
public:
    void write(const LogEvent&) override {}
    void pass(const Record&, bool) override {}
};

struct Watched : ServersWorld {
    RoleSession session{"AKIA", Secret("the-key"), Secret("the-token")};
    SecretLeakDetector leaks{world, session};
    NoLog log;
    WatchedLog watched{log, leaks};
};

TEST(SecretLeakDetector, AcceptsHiddenSecrets) {
    Watched all;
    all.leaks.check(HttpRequest{.url = "http://a", .headers = {"A: b"}, .body = "the-ke"});
    all.watched.write({"refused", {{"error", "AKIA is not known"}, {"count", std::int64_t{1}}}});
    all.watched.pass({}, true);
    EXPECT_TRUE(all.is_kept("I9"));
}

TEST(SecretLeakDetector, FindsSecretsAnywhere) {
    Record record;
    record.trigger = "it was the-token";
    const std::vector<std::function<void(Watched&)>> leaks = {
        [](Watched& all) { all.leaks.check(HttpRequest{.url = "http://a/?the-key"}); },
        [](Watched& all) { all.leaks.check(HttpRequest{.headers = {"X: the-token"}}); },
        [](Watched& all) { all.leaks.check(HttpRequest{.body = "a the-key b"}); },
        [](Watched& all) {
            all.watched.write({"x", {{"error", "by the-key"}}});
        },
        [&](Watched& all) { all.watched.pass(record, true); }};
    for (const auto& leak : leaks) {
        Watched all;
        leak(all);
        EXPECT_FALSE(all.is_kept("I9"));
    }
}

}  // namespace
}  // namespace nodenap::test
