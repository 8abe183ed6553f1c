#pragma once

#include <string>

typedef struct ssl_ctx_st SSL_CTX;

namespace nodenap::test {

/// A CA for one test, and a server certificate for 127.0.0.1 signed by it.
class FakeAuthority {
public:
    FakeAuthority();
    ~FakeAuthority();
    FakeAuthority(const FakeAuthority&) = delete;
    FakeAuthority& operator=(const FakeAuthority&) = delete;

    const std::string& root_pem() const { return root_pem_; }
    SSL_CTX* server_context() const { return context_; }

private:
    std::string root_pem_;
    SSL_CTX* context_ = nullptr;
};

}  // namespace nodenap::test
