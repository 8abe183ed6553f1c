#pragma once

#include "controller/memory.hpp"
#include "controller/ports.hpp"

#include <optional>

namespace nodenap {

/// What `status` shows: the state, and the newest record of the history.
struct StatusReport {
    State state;
    std::optional<Record> last;
    Time now{};

    const Record* last_or_null() const { return last ? &*last : nullptr; }
};
Result<StatusReport> read_status(const Ports& ports, const Settings& settings);

}  // namespace nodenap
