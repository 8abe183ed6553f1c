// XML responses of EC2: instances, launches, and those that only the doctor reads.

#include "adapters/aws/ec2_answers.hpp"
#include "doctor/answers.hpp"
#include "fuzz/fuzz.hpp"

namespace nodenap::fuzz {
namespace {

std::size_t count(std::string_view text, std::string_view word) {
    std::size_t found = 0;
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + word.size()))
        ++found;
    return found;
}

void claim_instance(const Instance& instance) {
    claim(!instance.id.empty(), "an instance has an id");
    claim(instance.launched_at > Time{} - std::chrono::hours(24 * 366 * 2000) &&
              instance.launched_at < Time{} + std::chrono::hours(24 * 366 * 9000),
          "an instance was launched in some year");
}

void try_fleet(const std::string& body) {
    const auto page = read_instances(body, "prod");
    if (!page) {
        claim(page.error().kind == ErrorKind::unavailable, "an unreadable fleet is unavailable");
        return;
    }
    claim(count(body, "reservationSet") > 0, "an answer that names no fleet is not an empty one");
    claim(page->instances.size() <= count(body, "instancesSet") * count(body, "instanceId"),
          "no instance is made up");
    for (const auto& instance : page->instances) claim_instance(instance);
    const auto again = read_instances(body, "prod");
    claim(again && again->instances.size() == page->instances.size(), "it is read twice alike");
}

void try_launched(const std::string& body) {
    const auto launched = read_launched(body);
    if (launched) return claim_instance(*launched);
    claim(launched.error().kind == ErrorKind::unknown_outcome,
          "an unreadable answer to a launch leaves its outcome unknown");
}

template <class T>
void claim_text_of_error(const Result<T>& result) {
    if (!result) claim(!result.error().text.empty(), "an error has a text");
}

}  // namespace

void try_input(std::string_view input) {
    const std::string body(input);
    try_fleet(body);
    try_launched(body);
    const auto subnets = read_subnets(body);
    claim_text_of_error(subnets);
    if (subnets) {
        for (const auto& subnet : *subnets)
            claim(!subnet.id.empty() && !subnet.zone.empty(), "a subnet has an id and a zone");
    }
    claim_text_of_error(read_template(body));
}

}  // namespace nodenap::fuzz
