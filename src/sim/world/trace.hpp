#pragma once

#include "base/units.hpp"

#include <string>
#include <vector>

namespace nodenap::sim {

/// What happened, a line each, for a person; and proof that a seed replays bit for bit.
class Trace {
public:
    /// Lines cost time: a world that nobody reads keeps none.
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
