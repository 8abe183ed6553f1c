#pragma once

#include <string>
#include <string_view>

namespace nodenap {

/// What is wrong with a name of AWS's, as a text that follows the key; empty where nothing is.
/// `may_be_new`: a region that the list does not have is judged by its form only.
std::string region_fault(const std::string& region, bool may_be_new);
/// Whether AWS answers there under a domain of the region's partition, and not under amazonaws.com.
bool has_other_domain(std::string_view region);
/// A zone of `region`: "us-east-1a", a local zone "us-west-2-lax-1a", a Wavelength zone.
std::string zone_fault(std::string_view zone, std::string_view region);
/// "subnet-0123456789abcdef0" for the kind "subnet", "lt-0123456789abcdef0" for "lt".
std::string id_fault(std::string_view id, std::string_view kind);
std::string table_fault(std::string_view table);
/// A plain http or https address: no user, no query, nothing that is read as another host.
std::string url_fault(std::string_view url);

}  // namespace nodenap
