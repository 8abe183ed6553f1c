#pragma once

#include <string>
#include <utility>

namespace nodenap {

/// A value that no log, record or answer may show: it has no printer and no comparison, and only
/// `reveal` gives it out, at the one place that sends it.
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
