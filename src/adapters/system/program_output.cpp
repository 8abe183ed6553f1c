#include "adapters/system/program_output.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nodenap {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds patience = 2min;
constexpr std::size_t most_bytes = 64 << 10;
constexpr int not_found = 127;  // the shell's exit status for it

/// Between fork and exec, only async-signal-safe calls are allowed: locks of other threads remain
/// locked.
[[noreturn]] void become(char* const* words, int output) {
    ::dup2(output, STDOUT_FILENO);
    std::signal(SIGPIPE, SIG_DFL);
    ::execvp(words[0], words);
    ::_exit(errno == ENOENT ? not_found : not_found - 1);
}

/// Reads to the end; nullopt if that takes too long or the output is too large.
std::optional<std::string> read_to_end(int input, Clock& clock) {
    std::string text;
    const Milliseconds until = clock.monotonic() + patience;
    std::array<char, 4096> part{};
    while (text.size() <= most_bytes) {
        const auto left = static_cast<int>((until - clock.monotonic()).count());
        pollfd waiting{input, POLLIN, 0};
        if (left <= 0) return std::nullopt;
        if (::poll(&waiting, 1, left) < 0 && errno != EINTR) return std::nullopt;
        if (waiting.revents == 0) continue;
        const ssize_t got = ::read(input, part.data(), part.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        if (got == 0) return text;
        text.append(part.data(), static_cast<std::size_t>(got));
    }
    return std::nullopt;
}

int exit_of(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Error failed(const std::string& text, const char* code = "") {
    return {ErrorKind::denied, text, code};
}

}  // namespace

Result<std::string> program_output(const std::vector<std::string>& words, Clock& clock) {
    std::vector<std::string> kept = words;
    std::vector<char*> arguments;
    for (std::string& word : kept) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) return failed("could not be started");
    const pid_t child = ::fork();
    if (child == 0) become(arguments.data(), ends[1]);
    ::close(ends[1]);
    const auto text = child < 0 ? std::nullopt : read_to_end(ends[0], clock);
    ::close(ends[0]);
    if (child < 0) return failed("could not be started");
    if (!text) ::kill(child, SIGKILL);
    const int code = exit_of(child);
    if (!text) return failed("took longer than two minutes or wrote too much");
    if (code == not_found) return failed("was not found", program_missing);
    if (code != 0) return failed("exited with status " + std::to_string(code));
    return *text;
}

}  // namespace nodenap
