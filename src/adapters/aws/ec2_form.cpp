#include "adapters/aws/ec2_form.hpp"

#include "base/percent.hpp"

namespace nodenap {

Ec2Form::Ec2Form(std::string_view action) {
    add("Action", action);
    add("Version", "2016-11-15");
}

void Ec2Form::add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_ += '&';
    text_ += percent_encoded(name) + '=' + percent_encoded(value);
}

void Ec2Form::add_filter(std::size_t number, std::string_view name, std::string_view value) {
    const std::string filter = numbered("Filter", number);
    add(filter + ".Name", name);
    add(filter + ".Value.1", value);
}

std::string numbered(std::string_view name, std::size_t number) {
    return std::string(name) + "." + std::to_string(number);
}

}  // namespace nodenap
