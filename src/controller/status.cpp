#include "controller/status.hpp"

namespace nodenap {

Result<StatusReport> read_status(const Ports& ports, const Settings& settings) {
    Result<State> state = read_state(ports.store, ports.codec, settings.cluster);
    if (!state) return state.error();
    const Result<History> history =
        read_history(ports.store, ports.codec, settings.cluster, {Time{}, 1});
    if (!history) return history.error();
    StatusReport report{std::move(*state), std::nullopt, ports.clock.now()};
    if (!history->records.empty()) report.last = history->records.front();
    return report;
}

}  // namespace nodenap
