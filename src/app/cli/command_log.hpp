#pragma once

#include "app/cli/terminal.hpp"
#include "controller/ports.hpp"

namespace nodenap {

/// The event log of a command: each event shows on the progress line, and goes on to `log`, null
/// unless it was asked for.
class CommandLog final : public EventLog {
public:
    CommandLog(Terminal& terminal, EventLog* log) : terminal_(terminal), log_(log) {}

    void write(const LogEvent& event) override;
    void pass(const Record& record, bool succeeded) override;

private:
    Terminal& terminal_;
    EventLog* log_;
};

}  // namespace nodenap
