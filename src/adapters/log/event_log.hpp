#pragma once

#include "base/secret.hpp"
#include "controller/ports.hpp"

#include <string>
#include <vector>

namespace nodenap {

/// One JSON object per line, each written with a single write(2), so that lines never mix:
/// {"time":…,"event":"pass","cluster":…, …}. The line of a pass is also a CloudWatch metric
/// (embedded metric format): namespace Nodenap, dimension Cluster, PassSucceeded 0 or 1. Invalid
/// UTF-8 is replaced; texts longer than 2 KiB are truncated.
class JsonEventLog final : public EventLog {
public:
    /// Writes to `descriptor` (1 is standard output), which the caller owns.
    JsonEventLog(Clock& clock, int descriptor, std::string cluster);

    /// From now on every line shows "***" instead of this value. A last resort: secrets have their
    /// own type and are not logged in the first place.
    void hide(const Secret& secret);

    void write(const LogEvent& event) override;
    void pass(const Record& record, bool succeeded) override;

private:
    void write_line(std::string line) const;

    Clock& clock_;
    int descriptor_;
    std::string cluster_;
    std::vector<Secret> hidden_;
};

}  // namespace nodenap
