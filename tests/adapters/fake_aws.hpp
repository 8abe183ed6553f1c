#pragma once

#include "adapters/aws/client.hpp"
#include "adapters/fake_server.hpp"
#include "base/crc32.hpp"
#include "fakes.hpp"

#include <deque>
#include <mutex>
#include <string>
#include <utility>

namespace nodenap::test {

/// A fake AWS that returns the queued responses in order (or those of `by_rule`), and a client for
/// it. Time passes only in the client's pauses.
class FakeAws {
public:
    void then(FakeReply reply) {
        const std::lock_guard lock(mutex_);
        replies_.push_back(std::move(reply));
    }
    void then(int status, const std::string& body, const std::string& headers = {}) {
        then(FakeReply{answer(status, body, headers)});
    }
    /// The server accepts the request and closes without a response.
    void then_silence() { then(FakeReply{"", true}); }

    std::vector<std::string> bodies() const {
        std::vector<std::string> all;
        for (const FakeRequest& request : server.requests()) all.push_back(request.body);
        return all;
    }
    std::size_t calls() const { return server.requests().size(); }

    std::function<FakeReply(const FakeRequest&)> by_rule;  // set before the first call
    FakeServer server{[this](const FakeRequest& request) { return next(request); }};
    FakeClock clock;
    NetworkHttp http{{}};
    Credentials credentials{http, {.access_key_id = "AKID", .secret_access_key = Secret("key")}};
    AwsClient client{http, clock, credentials, {"us-east-1", server.url("")}};

private:
    FakeReply next(const FakeRequest& request) {
        if (by_rule) return by_rule(request);
        const std::lock_guard lock(mutex_);
        if (replies_.empty()) return {answer(500, "nothing was queued")};
        FakeReply reply = std::move(replies_.front());
        replies_.pop_front();
        return reply;
    }

    std::mutex mutex_;
    std::deque<FakeReply> replies_;
};

}  // namespace nodenap::test
