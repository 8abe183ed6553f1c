#pragma once

#include <string_view>

namespace nodenap {

/// data/ec2-instance-types.json, data/ec2-regions.json, data/aws-prices.json and Amazon's root
/// certificates (PEM), put in by the build.
std::string_view embedded_instance_types();
std::string_view embedded_regions();
std::string_view embedded_prices();
std::string_view embedded_root_certificates();

}  // namespace nodenap
