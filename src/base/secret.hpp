#pragma once

#include <string>
#include <utility>

namespace nodenap {

/// A value that must not appear in any log, record or response. It cannot be printed or compared;
/// only `reveal` returns it, and is called only where the value is sent.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    const std::string& reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

private:
    std::string value_;
};

}  // namespace nodenap
