#include "adapters/fake_server.hpp"

#include "adapters/fake_authority.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cctype>
#include <csignal>

namespace nodenap::test {

namespace {

// One connection, plain or TLS.
class Wire {
public:
    Wire(int socket, SSL_CTX* context) : socket_(socket) {
        if (context == nullptr) return;
        ssl_ = SSL_new(context);
        SSL_set_fd(ssl_, socket);
        open_ = SSL_accept(ssl_) == 1;
    }
    ~Wire() { SSL_free(ssl_); }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    bool read_more(std::string& text) {
        char piece[16384];
        const auto got = ssl_ != nullptr ? SSL_read(ssl_, piece, sizeof piece)
                                         : recv(socket_, piece, sizeof piece, 0);
        if (!open_ || got <= 0) return false;
        text.append(piece, static_cast<std::size_t>(got));
        return true;
    }
    bool write(const std::string& text) {
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t left = text.size() - at;
            const auto put = ssl_ != nullptr
                                 ? SSL_write(ssl_, text.data() + at, static_cast<int>(left))
                                 : ::send(socket_, text.data() + at, left, MSG_NOSIGNAL);
            if (put <= 0) return false;
            at += static_cast<std::size_t>(put);
        }
        return true;
    }

private:
    int socket_;
    SSL* ssl_ = nullptr;
    bool open_ = true;
};

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

FakeRequest parse_head(const std::string& head) {
    FakeRequest request;
    const std::size_t end = head.find("\r\n");
    const std::string line = head.substr(0, end);
    const std::size_t first = line.find(' ');
    request.method = line.substr(0, first);
    request.target = line.substr(first + 1, line.rfind(' ') - first - 1);
    for (std::size_t at = end + 2; at < head.size();) {
        const std::size_t stop = std::min(head.find("\r\n", at), head.size());
        const std::string header = head.substr(at, stop - at);
        const std::size_t colon = header.find(": ");
        if (colon != std::string::npos) {
            request.headers[lower(header.substr(0, colon))] = header.substr(colon + 2);
        }
        at = stop + 2;
    }
    return request;
}

// Takes one whole request off the front of `pending`.
bool read_request(Wire& wire, std::string& pending, FakeRequest& request) {
    std::size_t end = 0;
    while ((end = pending.find("\r\n\r\n")) == std::string::npos) {
        if (!wire.read_more(pending)) return false;
    }
    request = parse_head(pending.substr(0, end + 2));
    const auto length = request.headers.find("content-length");
    const std::size_t size = length == request.headers.end() ? 0 : std::stoul(length->second);
    while (pending.size() < end + 4 + size) {
        if (!wire.read_more(pending)) return false;
    }
    request.body = pending.substr(end + 4, size);
    pending.erase(0, end + 4 + size);
    return true;
}

}  // namespace

std::string answer(int status, const std::string& body, const std::string& headers) {
    return "HTTP/1.1 " + std::to_string(status) +
           " Any\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" +
           body;
}

FakeServer::FakeServer(Handler handler, const FakeAuthority* authority)
    : handler_(std::move(handler)), authority_(authority) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    [[maybe_unused]] const bool bound =
        bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
        listen(listener_, 64) == 0 &&
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    assert(bound);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

FakeServer::~FakeServer() {
    stop_ = true;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
        const std::lock_guard lock(mutex_);
        for (const int one : sockets_) shutdown(one, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    close(listener_);
}

std::string FakeServer::url(const std::string& path) const {
    return (authority_ != nullptr ? "https://127.0.0.1:" : "http://127.0.0.1:") +
           std::to_string(port_) + path;
}

std::vector<FakeRequest> FakeServer::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

void FakeServer::close_connections() {
    std::unique_lock lock(mutex_);
    for (const int one : sockets_) shutdown(one, SHUT_RD);
    closed_.wait(lock, [this] { return sockets_.empty(); });
}

void FakeServer::accept_all() {
    while (!stop_) {
        const int one = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (one < 0) return;
        const int yes = 1;
        setsockopt(one, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        const std::lock_guard lock(mutex_);
        sockets_.push_back(one);
        threads_.emplace_back([this, one, number = connections_++] { serve(one, number); });
    }
}

void FakeServer::serve(int socket, int number) {
    {
        Wire wire(socket, authority_ != nullptr ? authority_->server_context() : nullptr);
        std::string pending;
        FakeRequest request;
        while (!stop_ && read_request(wire, pending, request)) {
            request.connection = number;
            {
                const std::lock_guard lock(mutex_);
                requests_.push_back(request);
            }
            const FakeReply reply = handler_(request);
            std::this_thread::sleep_for(reply.wait);
            if (!wire.write(reply.bytes) || reply.close) break;
        }
    }
    const std::lock_guard lock(mutex_);
    std::erase(sockets_, socket);
    close(socket);
    closed_.notify_all();
}

}  // namespace nodenap::test
