#pragma once

#include "base/units.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace nodenap::test {

/// A request as it arrived. Header names in lower case; `connection` counts from 0.
struct FakeRequest {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;
    std::string body;
    int connection = 0;
};

/// Bytes to send as they are, after `wait`; then the connection may be closed.
struct FakeReply {
    std::string bytes;
    bool close = false;
    Milliseconds wait{0};
};

/// A complete response with its Content-Length.
std::string answer(int status, const std::string& body, const std::string& headers = {});

class FakeAuthority;

/// An HTTP server on loopback, one thread per connection; `handler` may block and is called from
/// these threads. With an authority it uses TLS with a certificate for 127.0.0.1.
class FakeServer {
public:
    using Handler = std::function<FakeReply(const FakeRequest&)>;
    explicit FakeServer(Handler handler, const FakeAuthority* authority = nullptr);
    ~FakeServer();
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;

    std::string url(const std::string& path = "/") const;
    std::vector<FakeRequest> requests() const;
    int connections() const { return connections_; }
    /// Closes all idle connections before it returns.
    void close_connections();

private:
    void accept_all();
    void serve(int socket, int number);

    Handler handler_;
    const FakeAuthority* authority_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<int> connections_{0};
    std::atomic<bool> stop_{false};
    mutable std::mutex mutex_;
    std::condition_variable closed_;  // notified when a connection is closed
    std::vector<FakeRequest> requests_;
    std::vector<int> sockets_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

}  // namespace nodenap::test
