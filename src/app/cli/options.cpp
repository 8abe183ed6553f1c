#include "app/cli/options.hpp"

#include "adapters/json/decision_json.hpp"
#include "app/cli/output_json.hpp"
#include "app/config_reader.hpp"
#include "base/harmless.hpp"
#include "controller/error_codes.hpp"
#include "controller/status.hpp"
#include "decide/explain.hpp"
#include "doctor/connection.hpp"

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
            return "Check the address and the network, and try again.";
        case ErrorKind::conflict:
            return "The state changed in the meantime; try again.";
        case ErrorKind::denied:
            return error.code == no_credentials
                       ? "Credentials are read from the environment, the profile of AWS_PROFILE, "
                         "the ECS/EKS container endpoint, then instance metadata (IMDS)."
                       : "Grant this permission to the credentials in use, or use others.";
        case ErrorKind::no_capacity:
        case ErrorKind::invalid:
            break;
    }
    return "Fix the configuration or the AWS account.";
}

std::string failure_text(const Failure& failure, const Error& error) {
    return failure.what + ": " + harmless(plain_connection(error.text));
}

}  // namespace

CLI::App* add_command(CLI::App& parent, CommandLine& line, const std::string& name,
                      const std::string& help) {
    CLI::App* command = parent.add_subcommand(name, help);
    command
        ->add_option("-c,--config", line.common.config,
                     "The configuration file (else NODENAP_CONFIG, else nodenap.toml)")
        ->type_name("FILE");
    add_words(*command, "-o,--output", line.common.output, output_words)
        ->description("A table for people, or JSON for programs [table]");
    add_words(*command, "--color", line.common.color, color_words)
        ->description("Colour tables [auto: on a terminal, unless NO_COLOR is set]");
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

void say_if_no_mode(const Session& session) {
    if (session.settings.mode_named) return;
    session.terminal.complain(
        "[cluster] mode is not set: Nodenap only observes. Set mode = \"act\" to let it act.");
}

Exit answer(const Session& session, const std::string& said) {
    if (session.options.output == OutputForm::table) {
        session.terminal.print(said);
        return Exit::decided;
    }
    const Result<StatusReport> report = read_status(session.ports, session.settings);
    if (!report) return complain_of(session, state_unread, report.error());
    session.terminal.print(
        status_json(report->state, session.settings, report->now, report->last_or_null()) + "\n");
    return Exit::decided;
}

std::string not_done(std::string_view order, const Error& error) {
    const bool unsure = error.kind == ErrorKind::unknown_outcome;
    return fmt::format("NOT {}{}", order, unsure ? " as far as known" : "");
}

Exit refuse_file(const FileSession& session, const std::string& file,
                 const std::vector<std::string>& faults,
                 const std::vector<Diagnostic>& diagnostics) {
    for (const auto& fault : faults) session.terminal.complain(fault);
    if (session.options.output == OutputForm::json) {
        session.terminal.print(refusal_json(file, diagnostics) + "\n");
    }
    return Exit::usage;
}

Exit refuse(const CommonOptions& options, Terminal& terminal, const Error& error, Exit exit) {
    terminal.complain(error.text);
    if (options.output == OutputForm::json) {
        terminal.print(failure_json(error, error.text, "") + "\n");
    }
    return exit;
}

void say_failure(const Session& session, const Failure& failure, const Error& error) {
    const std::string consequence =
        failure.consequence.empty() ? "" : "  " + failure.consequence + "\n";
    session.terminal.complain(
        fmt::format("{}\n{}  {}", failure_text(failure, error), consequence, advice_for(error)));
}

Exit complain_of(const Session& session, const Failure& failure, const Error& error) {
    say_failure(session, failure, error);
    if (session.options.output == OutputForm::json) {
        session.terminal.print(
            failure_json(error, failure_text(failure, error), advice_for(error)) + "\n");
    }
    return Exit::failed;
}

}  // namespace nodenap
