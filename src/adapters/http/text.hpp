#pragma once

#include <map>
#include <string>
#include <string_view>

namespace nodenap {

/// Host and port of a URL, for messages: neither a user's name nor a path is in it.
std::string host_of(const std::string& url);

/// The head of an answer, taken line by line as it comes. A line is given with its end.
class HttpHead {
public:
    void take(std::string_view line);
    /// Whether the empty line after the headers was seen: a head cut before it is no answer.
    bool whole() const { return whole_; }
    /// Names in lower case; values of one name joined by ", ".
    std::map<std::string, std::string>& headers() { return headers_; }
    /// Whether the headers say where the body ends.
    bool says_end() const;

private:
    std::map<std::string, std::string> headers_;
    bool whole_ = false;
};

}  // namespace nodenap
