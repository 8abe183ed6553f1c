#include "sim/wire/secret_leak_detector.hpp"

#include <algorithm>

namespace nodenap::servers {

void SecretLeakDetector::check(const std::string& text, const char* where) const {
    for (const Secret* secret : {&session_.secret_access_key, &session_.token}) {
        if (text.find(secret->reveal()) == std::string::npos) continue;
        world_.checker.breach("I9", std::string("a secret appears in ") + where);
    }
}

void SecretLeakDetector::check(const HttpRequest& request) const {
    check(request.url, "a URL");
    check(request.body, "the body of a request");
    for (const auto& line : request.headers) check(line, "a header");
}

void WatchedLog::write(const LogEvent& event) {
    for (const auto& [name, value] : event.fields) {
        if (const auto* text = std::get_if<std::string>(&value)) leaks_.check(*text, "a log line");
    }
    log_.write(event);
}

void WatchedLog::pass(const Record& record, bool succeeded) {
    leaks_.check(codec_.record_text(record), "a record");
    log_.pass(record, succeeded);
}

}  // namespace nodenap::servers
