#pragma once

#include <map>
#include <string>
#include <string_view>

namespace nodenap {

/// Host and port of a URL, for messages, without user name and path.
std::string host_of(const std::string& url);

/// Parses the head of a response line by line as it arrives. Lines include their line ends.
class HttpHead {
public:
    void take(std::string_view line);
    /// Whether the empty line after the headers was read; without it the head is truncated.
    bool whole() const { return whole_; }
    /// Names in lower case; values of one name joined by ", ".
    std::map<std::string, std::string>& headers() { return headers_; }
    /// Whether the headers define where the body ends.
    bool defines_end() const;

private:
    std::map<std::string, std::string> headers_;
    bool whole_ = false;
};

}  // namespace nodenap
