#include "app/cli/terminal.hpp"

#include "app/cli/table.hpp"
#include "base/harmless.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace nodenap {
namespace {

bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

std::size_t width_of(std::FILE* stream) {
    winsize size{};
    if (!is_terminal(stream) || ioctl(fileno(stream), TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

/// 0, or the error number of what could not be written.
int write(std::FILE* stream, std::string_view text) {
    errno = 0;
    const bool written = std::fwrite(text.data(), 1, text.size(), stream) == text.size();
    if (std::fflush(stream) == 0 && written) return 0;
    const int error = errno;
    std::clearerr(stream);
    return error == 0 ? EIO : error;
}

/// At most `width` columns: a progress line that wraps could not be wiped away.
std::string cut(std::string_view text, std::size_t width) {
    std::string line;
    std::size_t columns = 0;
    for (const char c : text) {
        const bool begins_character = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
        if (begins_character && ++columns >= width) break;
        line += c;
    }
    return line;
}

}  // namespace

Terminal::Terminal(const Streams& streams, ColorChoice color, bool no_color_wanted, OutputForm form)
    : streams_(streams),
      style_{color == ColorChoice::always ||
                 (color == ColorChoice::automatic && !no_color_wanted && is_terminal(streams.out)),
             width_of(streams.out)},
      form_(form),
      err_is_terminal_(is_terminal(streams.err)),
      person_(is_terminal(streams.in) && is_terminal(streams.err)) {}

std::string Terminal::clean(std::string_view answer) const {
    if (form_ == OutputForm::json) return harmless_json(answer);
    if (!style_.color) return harmless_lines(answer);
    std::string text;
    while (!answer.empty()) {
        const std::size_t tint = tint_at_front(answer);
        text += answer.substr(0, tint);
        answer.remove_prefix(tint);
        const std::size_t end = std::min(answer.find('\033', tint == 0 ? 1 : 0), answer.size());
        text += harmless_lines(answer.substr(0, end));
        answer.remove_prefix(end);
    }
    return text;
}

void Terminal::print(std::string_view text) {
    end_progress();
    const int error = write(streams_.out, clean(text));
    if (error == 0) return;
    const bool is_first = !std::exchange(lost_output_, true);
    if (error == EPIPE || !is_first) return;
    complain("standard output cannot be written: " + std::generic_category().message(error));
}

void Terminal::complain(std::string_view text) {
    end_progress();
    write(streams_.err, "nodenap: " + harmless_lines(text) + "\n");
}

void Terminal::progress(std::string_view text) {
    if (!err_is_terminal_) return;
    const std::size_t width = width_of(streams_.err);
    write(streams_.err, "\r\033[K" + cut(harmless(text), width == 0 ? 80 : width));
    progress_shown_ = true;
}

void Terminal::end_progress() {
    if (progress_shown_) write(streams_.err, "\r\033[K");
    progress_shown_ = false;
}

std::string Terminal::ask(std::string_view question) {
    end_progress();
    if (!person_) return "";
    write(streams_.err, harmless_lines(question));
    std::array<char, 256> line{};
    if (std::fgets(line.data(), static_cast<int>(line.size()), streams_.in) == nullptr) return "";
    std::string answer(line.data());
    while (!answer.empty() && (answer.back() == '\n' || answer.back() == '\r')) answer.pop_back();
    return answer;
}

}  // namespace nodenap
