#include "app/cli/options.hpp"

#include "adapters/decision_json.hpp"
#include "app/config_reader.hpp"
#include "app/handler.hpp"
#include "controller/error_codes.hpp"
#include "engine/explain.hpp"

#include <fmt/format.h>

#include <map>

namespace nodenap {
namespace {

const std::map<std::string, OutputForm> output_words = {{"table", OutputForm::table},
                                                        {"json", OutputForm::json}};
const std::map<std::string, ColorChoice> color_words = {{"auto", ColorChoice::automatic},
                                                        {"always", ColorChoice::always},
                                                        {"never", ColorChoice::never}};

/// Shows the words and refuses others, without the numbers that stand for them.
template <class Enum>
CLI::Option* add_words(CLI::App& command, const std::string& name, Enum& into,
                       const std::map<std::string, Enum>& words) {
    std::string list;
    for (const auto& [word, value] : words) list += (list.empty() ? "" : "|") + word;
    return command
        .add_option_function<std::string>(
            name, [&into, &words](const std::string& word) { into = words.at(word); })
        ->check(CLI::Validator(
            [&words, list](std::string& word) {
                return words.contains(word) ? "" : "must be one of " + list;
            },
            "", "one of the words"))
        ->type_name(list);
}

std::string advice_for(const Error& error) {
    switch (error.kind) {
        case ErrorKind::unavailable:
        case ErrorKind::throttled:
        case ErrorKind::unknown_outcome:
            return "Nothing is lost: the next pass takes up where this one stopped. Try again, "
                   "and if it stays so, see whether the address is right and can be reached.";
        case ErrorKind::conflict:
            return "Somebody else changed the state meanwhile; try again.";
        case ErrorKind::denied:
            return error.code == no_credentials
                       ? "Credentials are looked for in the environment, in a "
                         "container's service and in an instance's, in this order."
                       : "Give the credentials in use this right, or use others.";
        case ErrorKind::no_capacity:
        case ErrorKind::invalid:
            break;
    }
    return "This needs a change of the configuration or the account.";
}

}  // namespace

CLI::App* add_command(CLI::App& parent, CommandLine& line, const std::string& name,
                      const std::string& help) {
    CLI::App* command = parent.add_subcommand(name, help);
    command
        ->add_option("--config", line.common.config,
                     "The configuration file (else NODENAP_CONFIG, else nodenap.toml)")
        ->type_name("FILE");
    add_words(*command, "--output", line.common.output, output_words)
        ->description("A table for people, or JSON for programs [table]");
    add_words(*command, "--color", line.common.color, color_words)
        ->description("Whether tables are coloured [auto: on a terminal, unless NO_COLOR is set]");
    return command;
}

void set_example(CLI::App& command, const std::string& example) {
    command.footer("Example:\n  " + example);
}

CLI::Option* add_duration(CLI::App& command, const DurationOption& option, Milliseconds& into) {
    const CLI::Validator is_duration(
        [least = option.least](std::string& text) -> std::string {
            const auto span = parse_duration(text);
            if (!span) return "write a duration such as 90s, 5m, 2h or 1h30m, of a year at most";
            return *span < least ? "must be at least " + duration_text(least) : "";
        },
        "", "duration");
    return command
        .add_option_function<std::string>(
            option.name, [&into](const std::string& text) { into = *parse_duration(text); },
            option.help)
        ->check(is_duration)
        ->type_name("DURATION");
}

Exit answer(const Session& session, const std::string& said) {
    if (session.options.output == OutputForm::table) {
        session.terminal.print(said);
        return Exit::decided;
    }
    const Result<StatusReport> report = read_status(session.ports, session.settings);
    if (!report) return complain_of(session, "The state could not be read", report.error());
    session.terminal.print(
        status_json(report->state, session.settings, report->now, report->last_or_null()) + "\n");
    return Exit::decided;
}

Exit complain_of(const Session& session, const std::string& what, const Error& error) {
    session.terminal.complain(fmt::format("{}: {}\n  {}", what, error.text, advice_for(error)));
    return Exit::failed;
}

}  // namespace nodenap
