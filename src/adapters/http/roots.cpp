#include "adapters/http/roots.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace nodenap {

namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

// Whether PEM_read stopped because there is no further certificate, not because one is broken.
bool at_end() {
    const unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

bool add_all(X509_STORE* store, const std::string& pem) {
    const Bio text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    if (!text) return false;
    ERR_clear_error();
    while (true) {
        const Certificate one(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr), &X509_free);
        if (!one) break;
        if (X509_STORE_add_cert(store, one.get()) != 1) return false;
    }
    const bool whole = at_end();
    ERR_clear_error();
    return whole;
}

}  // namespace

HttpRoots::~HttpRoots() { X509_STORE_free(store_); }

bool HttpRoots::read() {
    if (store_ != nullptr) return true;
    if (broken_) return false;
    X509_STORE* store = X509_STORE_new();
    if (store == nullptr || !add_all(store, pem_)) {
        X509_STORE_free(store);
        broken_ = true;
        return false;
    }
    // A configured intermediate certificate is trusted by itself, as in libcurl.
    X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
    store_ = store;
    return true;
}

bool HttpRoots::give_to(void* ssl_context) {
    if (!read()) return false;
    SSL_CTX_set1_cert_store(static_cast<SSL_CTX*>(ssl_context), store_);
    return true;
}

void HttpRoots::warm_up() {
    read();
    // The first context and connection object make OpenSSL load ciphers, digests and key exchanges;
    // later ones reuse them.
    const Context context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    if (context) SSL_free(SSL_new(context.get()));
}

}  // namespace nodenap
