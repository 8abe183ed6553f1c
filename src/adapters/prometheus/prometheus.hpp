#pragma once

#include "adapters/http/http.hpp"
#include "controller/ports.hpp"
#include "controller/settings.hpp"

namespace nodenap {

/// Reads the signals from Prometheus by its HTTP API: POST /api/v1/query, at most four queries in
/// one batch, all evaluated at `now`. Whatever cannot be trusted is Unknown with its cause, never
/// 0: no or no whole answer, an error, NaN, Inf, a missing family, a sample older than `max_age`,
/// Ready nodes whose CPU is not reported, a clock far from ours. Trusts nothing it did not ask for.
class Prometheus final : public Metrics {
public:
    /// `http` must outlive this.
    Prometheus(Http& http, MetricsSettings settings);
    Signals read(Time now, Milliseconds window) override;

private:
    Http& http_;
    MetricsSettings settings_;
};

}  // namespace nodenap
