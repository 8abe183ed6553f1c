#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace nodenap {

/// Builds a request body of EC2's query API, version 2016-11-15, field by field.
class Ec2Form {
public:
    explicit Ec2Form(std::string_view action);
    void add(std::string_view name, std::string_view value);
    /// Adds a filter with this number, counted from 1.
    void add_filter(std::size_t number, std::string_view name, std::string_view value);
    std::string text() && { return std::move(text_); }

private:
    std::string text_;
};

/// "Filter.1"
std::string numbered(std::string_view name, std::size_t number);

}  // namespace nodenap
