#include "sim/world/codec.hpp"

#include <charconv>

namespace nodenap::sim {
namespace {

/// More than any running pass may have written.
constexpr std::size_t kept_values = 256;

}  // namespace

template <class T>
std::string KeepingCodec::Kept<T>::add(const T& value) {
    values.push_back(value);
    if (values.size() > kept_values) {
        values.pop_front();
        ++dropped;
    }
    return std::to_string(dropped + values.size() - 1);
}

template <class T>
Result<T> KeepingCodec::Kept<T>::find(std::string_view text) const {
    std::size_t at = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), at);
    const bool is_number = failed == std::errc{} && end == text.data() + text.size();
    if (!is_number || at < dropped || at - dropped >= values.size()) {
        return Error{ErrorKind::invalid, "no value is stored under \"" + std::string(text) + "\""};
    }
    return values[at - dropped];
}

std::string KeepingCodec::memory_text(const Memory& memory) const { return memories_.add(memory); }

Result<Memory> KeepingCodec::memory(std::string_view text) const { return memories_.find(text); }

std::string KeepingCodec::record_text(const Record& record) const { return records_.add(record); }

Result<Record> KeepingCodec::record(std::string_view text) const { return records_.find(text); }

}  // namespace nodenap::sim
