#include "app/cli/options.hpp"
#include "app/cli/output.hpp"
#include "controller/lease.hpp"

#include <fmt/format.h>

namespace nodenap {
namespace {

struct PauseOptions {
    Milliseconds span{0};  // 0: until a person resumes
    std::string reason;
};

/// The end of year 9999: no clock of ours gets there.
constexpr Time until_resumed{std::chrono::sys_days(std::chrono::year(9999) / 12 / 31)};

constexpr std::size_t longest_reason = 200;

/// Where the state is out of reach, a pass cannot be stopped through it.
constexpr const char* goes_on =
    "Nodenap keeps acting: it may launch and terminate instances. To stop it without its state, "
    "disable the\n  schedule in EventBridge Scheduler or set the function's reserved concurrency "
    "to 0; stop `nodenap run` with Ctrl-C.";

Exit pause(Session& session, const PauseOptions& options) {
    const bool limited = options.span > Milliseconds(0);
    const Time until = limited ? session.ports.clock.now() + options.span : until_resumed;
    const Status done =
        set_paused(session.ports.store, session.settings.cluster, until, options.reason);
    if (!done)
        return complain_of(session, {not_done("paused", done.error()), goes_on}, done.error());
    return answer(session, fmt::format("{} is paused {}. Nodenap keeps deciding and recording, but "
                                       "launches and terminates nothing.\n",
                                       session.settings.cluster,
                                       limited ? "until " + table_time(until) + " UTC"
                                               : "until `nodenap resume`"));
}

}  // namespace

void add_pause(CLI::App& app, CommandLine& line) {
    CLI::App* command = add_command(
        app, line, "pause", "Suspend launches and terminations; decisions are still recorded");
    const auto options = std::make_shared<PauseOptions>();
    add_duration(*command, {"--for", "How long [until `nodenap resume`]", std::chrono::seconds(1)},
                 options->span);
    command
        ->add_option("--reason", options->reason,
                     "Why, at most 200 bytes; `status` and the decisions show it")
        ->type_name("TEXT")
        ->check(CLI::Validator(
            [](const std::string& text) {
                return text.size() > longest_reason ? "must have at most 200 bytes" : "";
            },
            "", "reason"));
    set_example(*command,
                "nodenap pause --config nodenap.toml --for 2h --reason 'moving the database'");
    command->callback([&line, options] {
        line.command = [options](Session& session) { return pause(session, *options); };
    });
}

}  // namespace nodenap
