#include "cost/cost.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace nodenap {
namespace {

/// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
constexpr double mb_for_a_vcpu = 1769;
constexpr double mb_in_a_gb = 1024;
/// The smaller GB, which gives the larger number.
constexpr double gb = 1e9;
constexpr double million = 1e6;
constexpr double write_unit_bytes = 1024;
/// CloudWatch keeps logs packed: its price page counts 0.15 of each byte.
constexpr double kept_log_share = 0.15;
constexpr double days_a_month = hours_a_month / 24;

double milliseconds(double hours) { return hours * 3'600'000; }
double units(double bytes) { return std::ceil(bytes / write_unit_bytes); }

/// Wake-ups that find the change under way, and the passes that each adds to its first.
struct Relooks {
    double wakeups = 0;
    double passes = 0;
};

Relooks relooks_of(const Footprint& footprint, const CostSettings& settings) {
    const auto settling = static_cast<double>(footprint.change_settles_in.count());
    const auto every = static_cast<double>(settings.every.count());
    Relooks relooks;
    relooks.wakeups = settings.changes_a_month * std::ceil(settling / every);
    const auto whole = settings.relook_span.count() / settings.relook_every.count();
    relooks.passes = relooks.wakeups * static_cast<double>(whole);
    return relooks;
}

double state_bytes(const Footprint& footprint, const CostSettings& settings) {
    return footprint.state_bytes + footprint.node_bytes * settings.nodes;
}

double gb_seconds(const Footprint& footprint, const CostSettings& settings,
                  const MonthOfUse& month) {
    const double pass = wakeup_ms(footprint, settings.memory_mb);
    const double again = month.passes - month.invocations;
    const double spent = month.passes * pass +
                         again * static_cast<double>(settings.relook_every.count()) +
                         footprint.starts_a_month * footprint.start_ms;
    return spent / 1000 * settings.memory_mb / mb_in_a_gb;
}

/// A write costs the larger of the item before and after it.
double write_units(const Footprint& footprint, const CostSettings& settings,
                   const MonthOfUse& month) {
    const double state = state_bytes(footprint, settings);
    const double busy = units(state + footprint.operation_bytes);
    const double again = month.passes - month.invocations;
    const double changes = settings.changes_a_month;
    return month.invocations * footprint.pass_writes * units(state) +
           again * footprint.pass_writes * busy + changes * footprint.change_writes * busy +
           changes * footprint.change_records * units(footprint.record_bytes);
}

CostLine line(std::string what, std::pair<double, const char*> quantity, double price,
              std::string note) {
    return {std::move(what), quantity.first,         quantity.second,
            price,           quantity.first * price, std::move(note)};
}

}  // namespace

double wakeup_ms(const Footprint& footprint, int memory_mb) {
    return footprint.pass_cpu_ms * std::max(1.0, mb_for_a_vcpu / memory_mb) +
           footprint.pass_wait_ms;
}

MonthOfUse month_of_use(const Footprint& footprint, const CostSettings& settings) {
    const double changes = settings.changes_a_month;
    const double events = changes * footprint.change_events;
    MonthOfUse month;
    month.scheduled = milliseconds(hours_a_month) / static_cast<double>(settings.every.count());
    month.invocations = month.scheduled + events;
    month.passes = month.invocations + relooks_of(footprint, settings).passes;
    month.gb_seconds = gb_seconds(footprint, settings, month);
    month.write_units = write_units(footprint, settings, month);
    month.read_units = events;
    month.table_gb = (state_bytes(footprint, settings) +
                      changes * footprint.change_records * footprint.record_bytes *
                          footprint.record_kept_days / days_a_month) /
                     gb;
    month.log_gb =
        (month.passes * footprint.pass_log_bytes + month.invocations * footprint.wakeup_log_bytes +
         footprint.starts_a_month * footprint.start_log_bytes) /
        gb;
    month.kept_log_gb = month.log_gb * kept_log_share * footprint.log_kept_days / days_a_month;
    // One machine more than nodes: the server.
    month.zone_gb =
        month.passes * footprint.other_zone_share *
        (footprint.metrics_bytes + footprint.host_metrics_bytes * (settings.nodes + 1)) / gb;
    return month;
}

Bill bill_of(const MonthOfUse& use, const RegionPrices& prices, Architecture architecture) {
    const double gb_second = architecture == Architecture::arm64 ? prices.lambda_gb_second_arm64
                                                                 : prices.lambda_gb_second_x86_64;
    Bill bill;
    bill.lines = {
        line("EventBridge Scheduler", {use.scheduled, "invocations"},
             prices.scheduler_million / million, "one each tick"),
        line("Lambda requests", {use.invocations, "requests"},
             prices.lambda_million_requests / million, "ticks, alerts and EC2 events"),
        line("Lambda duration", {use.gb_seconds, "GB-seconds"}, gb_second,
             "waiting and CPU, cold starts, and passes that repeat while nodes come or go"),
        line("DynamoDB writes", {use.write_units, "write units"}, prices.write_million / million,
             "the lease taken and given back, intents, journal records"),
        line("DynamoDB reads", {use.read_units, "read units"}, prices.read_million / million,
             "the state, once an EC2 event"),
        line("DynamoDB storage", {use.table_gb, "GB-months"}, prices.table_gb_month,
             "state and journal"),
        line("CloudWatch Logs", {use.log_gb, "GB"}, prices.log_gb,
             "a line a pass; of Lambda's own those of failures"),
        line("CloudWatch Logs storage", {use.kept_log_gb, "GB-months"}, prices.log_gb_month,
             "packed to 15%"),
        line("Data between zones", {use.zone_gb, "GB"}, prices.zone_gb,
             "Prometheus asked from the other zone")};
    for (const CostLine& each : bill.lines) bill.total_usd += each.usd;
    bill.beside = {line("CloudWatch metric", {1, "metric"}, prices.metric_month,
                        "PassSucceeded; an account's first ten cost nothing"),
                   line("CloudWatch alarm", {1, "alarm"}, prices.alarm_month,
                        "no pass succeeded; an account's first ten cost nothing"),
                   line("CloudWatch dashboard", {1, "dashboard"}, prices.dashboard_month,
                        "only where the stack makes one; an account's first three cost nothing")};
    return bill;
}

std::optional<NodeHours> node_hours(const std::vector<NodesSince>& counts, Time until,
                                    int max_nodes) {
    if (counts.empty() || counts.front().at >= until) return std::nullopt;
    const auto hours = [](Milliseconds span) {
        return static_cast<double>(span.count()) / milliseconds(1);
    };
    NodeHours result;
    result.span = until - counts.front().at;
    result.at_maximum = hours(result.span) * max_nodes;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const Time end = i + 1 < counts.size() ? std::min(counts[i + 1].at, until) : until;
        if (end > counts[i].at) result.hours += hours(end - counts[i].at) * counts[i].nodes;
    }
    return result;
}

}  // namespace nodenap
