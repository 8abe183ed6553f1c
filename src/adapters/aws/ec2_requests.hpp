#pragma once

#include "controller/ports.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace nodenap {

/// The tags of managed instances; the first two are used for filters and IAM conditions.
inline constexpr std::string_view tag_managed_by = "ManagedBy";
inline constexpr std::string_view managed_by_us = "autoscaler";
inline constexpr std::string_view tag_cluster = "nodenap:cluster";
inline constexpr std::string_view tag_pool = "nodenap:pool";
inline constexpr std::string_view tag_intent = "nodenap:intent";
inline constexpr std::string_view tag_epoch = "nodenap:epoch";
/// Set by EC2 when it launches from a template; nobody else can set tags with the prefix "aws:".
inline constexpr std::string_view tag_launch_template = "aws:ec2launchtemplate:id";

/// Request bodies of EC2's query API, version 2016-11-15. Each depends only on its arguments, byte
/// for byte: a launch is repeated by sending the same body again.
std::string run_instances_body(const Operation& operation, const std::string& cluster);
std::string terminate_instances_body(const std::string& instance_id);
/// A page of the cluster's instances; `next` is the token of the previous page, empty for the
/// first.
std::string describe_instances_body(const std::string& cluster, const std::string& next);
std::string describe_operation_body(const std::string& cluster, const std::string& operation_id,
                                    const std::string& next);

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
