#pragma once

#include <string>

struct x509_store_st;

namespace nodenap {

/// The trusted roots, parsed once and shared by all TLS connections: parsing them for each
/// connection would cost more than the handshake.
class HttpRoots {
public:
    explicit HttpRoots(std::string pem) : pem_(std::move(pem)) {}
    ~HttpRoots();
    HttpRoots(const HttpRoots&) = delete;
    HttpRoots& operator=(const HttpRoots&) = delete;

    /// Makes an SSL_CTX trust these roots and nothing else. False: the PEM text cannot be read.
    bool give_to(void* ssl_context);

    /// Parses the roots and makes OpenSSL load its algorithms, so that no connection waits for it.
    void warm_up();

private:
    bool read();

    std::string pem_;
    x509_store_st* store_ = nullptr;
    bool broken_ = false;
};

}  // namespace nodenap
