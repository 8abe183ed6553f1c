// Responses of the Lambda Runtime API to /next: head, line by line, and body.

#include "adapters/http/text.hpp"
#include "adapters/lambda/runtime.hpp"
#include "fuzz/fuzz.hpp"

#include <algorithm>

namespace nodenap::fuzz {
namespace {

HttpResponse response_of(std::string_view input) {
    HttpHead head;
    while (!input.empty() && !head.whole()) {
        const auto end = std::min(input.find('\n'), input.size() - 1) + 1;
        head.take(input.substr(0, end));
        input.remove_prefix(end);
    }
    return {200, head.headers(), std::string(input)};
}

void claim_head(const HttpResponse& response) {
    for (const auto& [name, value] : response.headers) {
        claim(std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }),
              "a header's name is in lower case");
        claim(value.find_first_of("\r\n") == value.npos || value.find("\r") != value.size() - 1,
              "a header's value has no end of a line");
    }
}

}  // namespace

void try_input(std::string_view input) {
    auto response = response_of(input);
    claim_head(response);
    const auto invocation = invocation_from(response);
    response.status = 500;
    claim(!invocation_from(response), "nothing but 200 brings an invocation");
    if (!invocation) {
        claim(!invocation.error().text.empty(), "an error has a text");
        return;
    }
    const auto& id = invocation->id;
    const auto is_plain = [](unsigned char c) { return c > ' ' && c < 0x7F; };
    claim(!id.empty() && std::ranges::all_of(id, is_plain), "an id can be part of an address");
    claim(id.find_first_of("/?#") == id.npos, "an id is one step of an address");
    constexpr Time last{std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)};
    claim(invocation->deadline >= Time{} && invocation->deadline < last,
          "a deadline is a time that can be reckoned with");
    claim(invocation->body == response.body, "the body is handed on as it came");
}

}  // namespace nodenap::fuzz
