#pragma once

#include "base/units.hpp"

#include <string>
#include <vector>

namespace nodenap::sim {

/// The event log of a run, one line per event, for people; also used to prove that a seed replays
/// identically.
class Trace {
public:
    /// Recording lines costs time, so it is off by default.
    explicit Trace(bool kept) : kept_(kept) {}

    bool kept() const { return kept_; }
    void add(Time at, const char* who, std::string text) {
        if (kept_) lines_.push_back({at, who, std::move(text)});
    }

    struct Line {
        Time at{};
        std::string who;  // "ec2", "kubernetes", "prometheus", "pass 7", …
        std::string text;
        friend bool operator==(const Line&, const Line&) = default;
    };
    const std::vector<Line>& lines() const { return lines_; }

private:
    bool kept_;
    std::vector<Line> lines_;
};

}  // namespace nodenap::sim
