#pragma once

#include <map>
#include <string>
#include <string_view>

namespace nodenap::servers {

/// The fields of an application/x-www-form-urlencoded body; the last one of a name counts.
using Form = std::map<std::string, std::string>;
Form form_of(std::string_view body);

/// Empty if there is no such field.
std::string field(const Form& form, const std::string& name);

}  // namespace nodenap::servers
