#include "sim/wire/form.hpp"

#include <algorithm>
#include <charconv>

namespace nodenap::servers {
namespace {

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        const char* begin = text.data() + i + 1;
        const bool is_code = text[i] == '%' && i + 2 < text.size();
        if (is_code && std::from_chars(begin, begin + 2, byte, 16).ptr == begin + 2) {
            out += static_cast<char>(byte);
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

}  // namespace

Form form_of(std::string_view body) {
    Form form;
    while (!body.empty()) {
        const auto end = std::min(body.find('&'), body.size());
        const auto pair = body.substr(0, end);
        const auto equals = std::min(pair.find('='), pair.size());
        form[decoded(pair.substr(0, equals))] =
            decoded(pair.substr(std::min(equals + 1, pair.size())));
        body.remove_prefix(std::min(end + 1, body.size()));
    }
    return form;
}

std::string field(const Form& form, const std::string& name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
}

}  // namespace nodenap::servers
