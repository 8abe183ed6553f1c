#include "app/http_setup.hpp"

#include "app/embedded.hpp"

namespace nodenap {

Result<HttpOptions> http_options(const Environment& environment) {
    HttpOptions options;
    options.root_certificates_pem = embedded_root_certificates();
    if (!environment.ca_bundle.empty()) {
        Result<std::string> bundle = read_file(environment.ca_bundle);
        if (!bundle) return Error{ErrorKind::invalid, "AWS_CA_BUNDLE: " + bundle.error().text};
        options.root_certificates_pem = std::move(*bundle);
    }
    options.on_call = environment.on_call;
    return options;
}

}  // namespace nodenap
