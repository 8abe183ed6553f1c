#include "app/http_setup.hpp"

#include "app/embedded.hpp"

#include <csignal>
#include <memory>

namespace nodenap {
namespace {

/// SIGKILL to ourselves, as if the machine had gone: nothing is closed, said or released.
std::function<void(bool)> kill_hook(const KillPoint& point) {
    struct Seen {
        int before = 0;
        int after = 0;
    };
    return [point, seen = std::make_shared<Seen>()](bool before) {
        const int count = before ? ++seen->before : ++seen->after;
        if (before == point.before && count == point.request) std::raise(SIGKILL);
    };
}

}  // namespace

Result<HttpOptions> http_options(const Environment& environment) {
    HttpOptions options;
    options.root_certificates_pem = embedded_root_certificates();
    if (!environment.ca_bundle.empty()) {
        Result<std::string> bundle = read_file(environment.ca_bundle);
        if (!bundle) return Error{ErrorKind::invalid, "AWS_CA_BUNDLE: " + bundle.error().text};
        options.root_certificates_pem = std::move(*bundle);
    }
    if (environment.kill_at) options.on_call = kill_hook(*environment.kill_at);
    return options;
}

}  // namespace nodenap
