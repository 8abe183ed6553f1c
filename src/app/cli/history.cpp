#include "app/cli/options.hpp"
#include "app/cli/output.hpp"

#include "app/cli/output_json.hpp"

#include "decide/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <vector>

namespace nodenap {
namespace {

constexpr int most_records = 10'000;

struct HistoryOptions {
    Milliseconds since = std::chrono::hours(24);
    Milliseconds until{0};
    int limit = 100;
    std::string decision;  // its word; empty: any
    std::string instance;  // an instance id; empty: any
    bool follow = false;

    bool filters() const { return until.count() > 0 || !decision.empty() || !instance.empty(); }
};

bool names_instance(const Record& record, const std::string& id) {
    const auto& plan = record.plan;
    return std::ranges::count(record.done, id, &Effect::id) > 0 ||
           std::ranges::count(plan.remove, id, &Removal::instance_id) > 0 ||
           std::ranges::count(plan.kept, id, &KeptNode::node) > 0;
}

bool is_wanted(const Record& record, const HistoryOptions& options, Time now) {
    if (record.plan.now > now - options.until) return false;
    if (!options.decision.empty() && word(record.plan.decision) != options.decision) return false;
    return options.instance.empty() || names_instance(record, options.instance);
}

/// Newest first. Where something is filtered out, `limit` counts what is left.
Result<std::vector<Record>> wanted_records(Session& session, const HistoryOptions& options,
                                           Time since) {
    const Time now = session.ports.clock.now();
    const int most = options.filters() ? most_records : options.limit;
    Result<History> history = read_history(session.ports.store, session.ports.codec,
                                           session.settings.cluster, {since, most});
    if (!history) return history.error();
    for (const std::string& one : history->unreadable) {
        session.terminal.complain("One record cannot be read: " + one);
    }
    auto& records = history->records;
    std::erase_if(records, [&](const Record& record) { return !is_wanted(record, options, now); });
    if (std::ssize(records) > options.limit)
        records.resize(static_cast<std::size_t>(options.limit));
    return std::move(records);
}

void print_records(Session& session, const std::vector<Record>& records,
                   const HistoryOptions& options) {
    if (session.options.output == OutputForm::json) {
        session.terminal.print(history_document(session.settings.cluster, records) + "\n");
    } else if (records.empty()) {
        session.terminal.print(
            fmt::format("No history in the last {}{}. A record is written when something is done "
                        "or the reason changes.\n",
                        duration_text(options.since), options.filters() ? " that matches" : ""));
    } else {
        session.terminal.print(
            history_text(records, session.settings.policy, session.terminal.style()));
    }
}

/// Oldest first: a line, or a JSON object, for each.
void print_lines(Session& session, const std::vector<Record>& records) {
    for (const Record& record : std::views::reverse(records)) {
        session.terminal.print(session.options.output == OutputForm::json
                                   ? whole_record_json(record) + "\n"
                                   : record_line(record, session.terminal.style()));
    }
}

/// Each new record until Ctrl-C. What fails once is said and asked again.
Exit follow(Session& session, const HistoryOptions& options, Time last) {
    while (!session.interrupted) {
        session.ports.clock.sleep_for(std::chrono::seconds(10));
        if (session.interrupted) break;
        const auto records = wanted_records(session, options, last + Milliseconds(1));
        if (!records) {
            say_failure(session, history_unread, records.error());
            continue;
        }
        print_lines(session, *records);
        if (!records->empty()) last = records->front().plan.now;
    }
    return Exit::interrupted;
}

/// With --follow and JSON all is one object a line, from the first on.
Exit show_history(Session& session, const HistoryOptions& options) {
    session.terminal.progress("Reading the history …");
    const Time now = session.ports.clock.now();
    const auto records = wanted_records(session, options, now - options.since);
    if (!records) return complain_of(session, history_unread, records.error());
    if (options.follow && session.options.output == OutputForm::json) {
        print_lines(session, *records);
    } else {
        print_records(session, *records, options);
    }
    if (options.follow) {
        return follow(session, options, records->empty() ? now : records->front().plan.now);
    }
    return session.interrupted ? Exit::interrupted : Exit::decided;
}

}  // namespace

void add_history(CLI::App& app, CommandLine& line) {
    CLI::App* command =
        add_command(app, line, "history", "List past decisions with their reasons, newest first");
    const auto options = std::make_shared<HistoryOptions>();
    add_duration(*command, {"--since", "How far back to list [24h]", std::chrono::seconds(1)},
                 options->since);
    const auto until = add_duration(
        *command, {"--until", "How long ago the list ends [now]", std::chrono::seconds(1)},
        options->until);
    command->add_option("--decision", options->decision, "Only passes that decided this")
        ->type_name("scale_up|scale_down|hold")
        ->check(CLI::IsMember({"scale_up", "scale_down", "hold"}));
    command
        ->add_option("--instance", options->instance,
                     "Only passes that launched, terminated or kept this instance")
        ->type_name("ID");
    command->add_option("--limit", options->limit, "At most this many records [100]")
        ->type_name("N")
        ->check(CLI::Range(1, most_records));
    command->add_flag("--follow", options->follow, "Then print each new record, until Ctrl-C")
        ->excludes(until);
    set_example(*command, "nodenap history --config nodenap.toml --since 24h --limit 20");
    command->callback([&line, options] {
        line.command = [options](Session& session) { return show_history(session, *options); };
    });
}

}  // namespace nodenap
