#include "app/cli/options.hpp"
#include "controller/lease.hpp"

#include <fmt/format.h>

#include <optional>

namespace nodenap {
namespace {

Exit resume(Session& session) {
    const Status done = set_paused(session.ports.store, session.settings.cluster, std::nullopt);
    if (!done) {
        return complain_of(session,
                           {not_done("resumed", done.error()),
                            "A pause stays in force; `nodenap status` shows it."},
                           done.error());
    }
    return answer(session, fmt::format("{} is no longer paused.\n", session.settings.cluster));
}

}  // namespace

void add_resume(CLI::App& app, CommandLine& line) {
    CLI::App* command = add_command(app, line, "resume", "End a pause now");
    set_example(*command, "nodenap resume --config nodenap.toml");
    command->callback([&line] { line.command = resume; });
}

}  // namespace nodenap
