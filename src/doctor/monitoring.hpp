#pragma once

#include "adapters/http/http.hpp"
#include "controller/settings.hpp"
#include "doctor/ports.hpp"

namespace nodenap {

/// Prometheus as `nodenap doctor` asks it beside the signals: one query at one time.
class DoctorMonitoring final : public Monitoring {
public:
    /// `http` must outlive this.
    DoctorMonitoring(Http& http, MetricsSettings settings)
        : http_(http), settings_(std::move(settings)) {}
    Result<MonitoringSeen> look(Time now) override;

private:
    Http& http_;
    MetricsSettings settings_;
};

}  // namespace nodenap
