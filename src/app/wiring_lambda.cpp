#include "app/wiring_lambda.hpp"

#include "app/wiring_edge.hpp"

#include "adapters/log/event_log.hpp"
#include "adapters/system/system_clock.hpp"
#include "app/http_setup.hpp"

#include <unistd.h>

#include <utility>

namespace nodenap {

class FunctionWiring::Wires {
public:
    Wires(HttpOptions http, const Settings& settings, const Environment& environment)
        : clock_(nullptr, environment.clock_wrong_by),
          http_(std::move(http)),
          edge_(http_, clock_, settings, environment),
          store_(edge_.aws, settings.state.dynamodb_table),
          log_(clock_, STDOUT_FILENO, settings.cluster),
          ports_{clock_, edge_.metrics, edge_.fleet, store_, edge_.codec, log_} {
        log_.hide(environment.credentials.secret_access_key);
        log_.hide(environment.credentials.session_token);
        http_.warm_up();
    }

    const Ports& ports() const { return ports_; }

private:
    SystemClock clock_;
    NetworkHttp http_;
    Edge edge_;
    DynamoDbStore store_;
    JsonEventLog log_;
    Ports ports_;
};

FunctionWiring::FunctionWiring(std::unique_ptr<Wires> wires) : wires_(std::move(wires)) {}
FunctionWiring::~FunctionWiring() = default;
const Ports& FunctionWiring::ports() const { return wires_->ports(); }

Result<std::unique_ptr<FunctionWiring>> FunctionWiring::make(const Settings& settings,
                                                             const Environment& environment) {
    Result<HttpOptions> http = http_options(environment);
    if (!http) return http.error();
    return std::unique_ptr<FunctionWiring>(
        new FunctionWiring(std::make_unique<Wires>(std::move(*http), settings, environment)));
}

}  // namespace nodenap
