#include "adapters/fake_authority.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cassert>
#include <memory>

namespace nodenap::test {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Key new_key() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    assert(extension != nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

Certificate unsigned_certificate(const std::string& name, long serial, EVP_PKEY* key) {
    Certificate made(X509_new(), &X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
    X509_set_pubkey(made.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    return made;
}

std::string pem_of(X509* certificate) {
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(out, certificate);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(out);
    return text;
}

}  // namespace

FakeAuthority::FakeAuthority() {
    static int made = 0;  // roots with the same name would be confused
    const Key root_key = new_key();
    const Certificate root =
        unsigned_certificate("Test root " + std::to_string(++made), 1, root_key.get());
    X509_set_issuer_name(root.get(), X509_get_subject_name(root.get()));
    add_extension(root.get(), root.get(), NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(root.get(), root_key.get(), EVP_sha256());
    root_pem_ = pem_of(root.get());

    const Key key = new_key();
    const Certificate leaf = unsigned_certificate("127.0.0.1", 2, key.get());
    X509_set_issuer_name(leaf.get(), X509_get_subject_name(root.get()));
    add_extension(leaf.get(), root.get(), NID_subject_alt_name, "IP:127.0.0.1");
    X509_sign(leaf.get(), root_key.get(), EVP_sha256());

    context_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context_, leaf.get());
    SSL_CTX_use_PrivateKey(context_, key.get());
}

FakeAuthority::~FakeAuthority() { SSL_CTX_free(context_); }

}  // namespace nodenap::test
