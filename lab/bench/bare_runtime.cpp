// The least a Lambda function in a static binary can be: it asks for its first event and waits.
// What it needs from start to /next is the floor that `bootstrap` is measured against.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

int main() {
    const std::string address = std::getenv("AWS_LAMBDA_RUNTIME_API");
    const auto colon = address.rfind(':');
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &peer.sin_addr);
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection, reinterpret_cast<sockaddr*>(&peer), sizeof peer) != 0) return 1;
    const std::string request =
        "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: " + address + "\r\n\r\n";
    if (write(connection, request.data(), request.size()) < 0) return 1;
    char answer[4096];
    return read(connection, answer, sizeof answer) < 0;
}
