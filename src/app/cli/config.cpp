#include "adapters/system/own_file.hpp"
#include "app/cli/embedded_page.hpp"
#include "app/cli/options.hpp"
#include "app/cli/output_json.hpp"
#include "app/cli/table.hpp"

#include "base/harmless.hpp"

#include "decide/explain.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

namespace nodenap {
namespace {

std::string store_text(const StateSettings& state) {
    return state.dynamodb_table.empty() ? "SQLite file " + state.sqlite_path
                                        : "DynamoDB table " + state.dynamodb_table;
}

std::string summary(const std::string& file, const Settings& settings, const Style& style) {
    const Policy& policy = settings.policy;
    Table table({"CLUSTER", settings.cluster});
    table.add({"mode", std::string(word(policy.mode))});
    table.add({"region", settings.region});
    table.add({"nodes", fmt::format("{} to {}", policy.limits.min_nodes, policy.limits.max_nodes)});
    table.add({"CPU", fmt::format("add above {}%, remove below {}%",
                                  number_text(policy.scale_up.cpu_above_percent),
                                  number_text(policy.scale_down.cpu_below_percent))});
    table.add({"metrics", settings.metrics.url});
    table.add({"state", store_text(settings.state)});
    for (const Pool& pool : policy.pools) {
        table.add(
            {"pool", fmt::format("{}: {} in {}", pool.name, fmt::join(pool.instance_types, ", "),
                                 counted(std::ssize(pool.subnets), "zone"))});
    }
    return fmt::format("{} is valid.\n\n{}", file, table.text(style));
}

Exit check_file(FileSession& session) {
    const LoadedConfig loaded = load_config(session.file, session.environment, Program::command);
    const bool right = loaded.faults.empty();
    if (session.options.output == OutputForm::json) {
        session.terminal.print(verdict_json(session.file, loaded.diagnostics) + "\n");
    } else if (right) {
        session.terminal.print(summary(session.file, loaded.settings, session.terminal.style()));
    } else {
        for (const auto& fault : loaded.faults) session.terminal.print(harmless(fault) + "\n");
        session.terminal.complain(counted(std::ssize(loaded.faults), "fault") + " in " +
                                  session.file);
    }
    return right ? Exit::decided : Exit::usage;
}

/// Nothing that is there is written over.
Exit write_example(FileSession& session) {
    const auto fail = [&](const std::string& text) {
        return refuse(session.options, session.terminal, {ErrorKind::invalid, text}, Exit::failed);
    };
    std::error_code unknown;
    if (std::filesystem::exists(session.file, unknown)) {
        return fail(session.file + " exists already and is left as it is");
    }
    if (!write_own_file(session.file, embedded_example())) {
        return fail(session.file + " cannot be written");
    }
    if (session.options.output == OutputForm::json) {
        session.terminal.print(document_text({{"version", 1}, {"file", session.file}}) + "\n");
    } else {
        session.terminal.print(fmt::format(
            "Wrote {}: every key with its default. Fill in what is marked \"required\", then run\n"
            "`nodenap config check --config {}`.\n",
            session.file, session.file));
    }
    return Exit::decided;
}

CLI::App* add_file_command(CLI::App& config, CommandLine& line, const std::string& name,
                           const std::string& help) {
    CLI::App* command = add_command(config, line, name, help);
    command->add_option("file", line.common.config, "The same as --config FILE")
        ->type_name("")
        ->excludes("--config");  // two files, of which one would be looked at
    set_example(*command, "nodenap config " + name + " nodenap.toml");
    return command;
}

}  // namespace

void add_config(CLI::App& app, CommandLine& line) {
    CLI::App* config = app.add_subcommand("config", "Work with the configuration file");
    config->require_subcommand(1);
    add_file_command(*config, line, "check",
                     "Validate the file; print all errors with line numbers")
        ->callback([&line] { line.file_command = check_file; });
    add_file_command(*config, line, "init", "Write a commented file to start from")
        ->callback([&line] { line.file_command = write_example; });
}

}  // namespace nodenap
