#pragma once

#include "base/secret.hpp"
#include "controller/ports.hpp"

#include <string>
#include <vector>

namespace nodenap {

/// One JSON object a line, each written with a single write(2), so that lines never mix:
/// {"time":…,"event":"pass","cluster":…, …}. The line of a pass is also a metric in CloudWatch's
/// embedded format: namespace Nodenap, dimension Cluster, PassSucceeded 0 or 1.
/// Invalid UTF-8 is replaced; texts longer than 2 KiB are cut.
class JsonEventLog final : public EventLog {
public:
    /// Writes to `descriptor` (1 is standard output), which stays the caller's.
    JsonEventLog(Clock& clock, int descriptor, std::string cluster);

    /// From now on every line shows "***" in place of this value. A last resort: secrets have a
    /// type of their own and are not logged in the first place.
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
