#include "adapters/http/text.hpp"

namespace nodenap {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

std::string host_of(const std::string& url) {
    const std::size_t scheme = url.find("://");
    const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
    const std::string host = url.substr(begin, url.find_first_of("/?#", begin) - begin);
    const std::size_t user = host.rfind('@');
    return user == std::string::npos ? host : host.substr(user + 1);
}

void HttpHead::take(std::string_view line) {
    if (line.starts_with("HTTP/")) {  // a new head follows "100 Continue"
        headers_.clear();
        whole_ = false;
        return;
    }
    if (whole_) return;  // a trailer after the body
    if (trimmed(line).empty()) {
        whole_ = true;
        return;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    std::string& value = headers_[lower(trimmed(line.substr(0, colon)))];
    if (!value.empty()) value += ", ";
    value += trimmed(line.substr(colon + 1));
}

bool HttpHead::defines_end() const {
    return headers_.contains("content-length") || headers_.contains("transfer-encoding");
}

}  // namespace nodenap
