#pragma once

#include "controller/ports.hpp"

#include <deque>
#include <string>
#include <utility>

namespace nodenap::sim {

/// Keeps values in memory; their "text" is the number under which they are stored. JSON would take
/// most of the time of a simulated pass, and has its own tests.
class KeepingCodec final : public Codec {
public:
    std::string memory_text(const Memory& memory) const override;
    Result<Memory> memory(std::string_view text) const override;
    std::string record_text(const Record& record) const override;
    Result<Record> record(std::string_view text) const override;

private:
    template <class T>
    struct Kept {
        std::deque<T> values;     // the newest
        std::size_t dropped = 0;  // number of older ones dropped
        std::string add(const T& value);
        Result<T> find(std::string_view text) const;
    };
    mutable Kept<Memory> memories_;
    mutable Kept<Record> records_;
};

}  // namespace nodenap::sim
