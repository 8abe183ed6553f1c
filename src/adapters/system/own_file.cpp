#include "adapters/system/own_file.hpp"

#include <cerrno>
#include <cstddef>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nodenap {
namespace {

constexpr mode_t for_its_owner = S_IRUSR | S_IWUSR;

/// Before anything is written, since an open file can be read immediately.
bool begin_anew(int file) {
    struct stat seen {};
    if (::fstat(file, &seen) != 0) return false;
    if (!S_ISREG(seen.st_mode)) return true;
    return ::fchmod(file, for_its_owner) == 0 && ::ftruncate(file, 0) == 0;
}

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

bool write_own_file(const std::string& path, std::string_view text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, for_its_owner);
    if (file < 0) return false;
    const bool is_whole = begin_anew(file) && write_all(file, text);
    return ::close(file) == 0 && is_whole;
}

// By name: closing a descriptor of a file that SQLite has open would drop its locks.
void keep_to_owner(const std::string& database) {
    for (const char* end : {"", "-wal", "-shm"})
        static_cast<void>(::chmod((database + end).c_str(), for_its_owner));
}

}  // namespace nodenap
