// Sends signed requests to a server that verifies their signatures: each line of standard input is
// one, {"region": …, "service": …, "id": …, "secret": …, "token": …, "headers": […], "body": …},
// sent as POST to "/" of the URL argument. Exit: 0 if each response was 200.

#include "adapters/http/http.hpp"

#include <simdjson.h>
#include <iostream>

namespace nodenap::test {
namespace {

using Element = simdjson::dom::element;

std::string text_at(const Element& object, const char* name) {
    return std::string(object[name].get_string().value());
}

HttpRequest request_from(const Element& line, const std::string& url) {
    HttpRequest request{.method = "POST", .url = url, .body = text_at(line, "body")};
    const simdjson::dom::array headers = line["headers"].get_array().value();
    for (const auto& header : headers) request.headers.emplace_back(header.get_string().value());
    request.timeout = std::chrono::seconds(60);  // for a busy machine
    request.signing =
        AwsSigning{text_at(line, "region"), text_at(line, "service"), text_at(line, "id"),
                   Secret(text_at(line, "secret")), Secret(text_at(line, "token"))};
    return request;
}

int send_all(const std::string& url) {
    NetworkHttp http({});
    simdjson::dom::parser parser;
    for (std::string line; std::getline(std::cin, line);) {
        const auto answer = http.send(request_from(parser.parse(line).value(), url));
        if (answer && answer->status == 200) continue;
        std::cerr << (answer ? std::to_string(answer->status) : answer.error().text) << '\n';
        return 1;
    }
    return 0;
}

}  // namespace
}  // namespace nodenap::test

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: nodenap_signed_sender URL\n";
        return 2;
    }
    return nodenap::test::send_all(argv[1]);
}
