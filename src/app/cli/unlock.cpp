#include "app/cli/options.hpp"

#include "controller/lease.hpp"

#include <fmt/format.h>

namespace nodenap {
namespace {

struct UnlockOptions {
    bool yes = false;
};

/// A lease ends by itself within two minutes, so taking it away is worth a question to a person;
/// a script that says unlock means it.
bool is_wanted(Session& session, const UnlockOptions& options) {
    if (options.yes || !session.terminal.has_person()) return true;
    const std::string answer = session.terminal.ask(
        fmt::format("Release the lease of {}? A pass that holds it will stop. A lease also expires "
                    "by itself\nwithin two minutes. [y/N] ",
                    session.settings.cluster));
    return answer == "y" || answer == "Y" || answer == "yes";
}

Exit free_lease(Session& session, const UnlockOptions& options) {
    if (!is_wanted(session, options)) {
        const Exit exit = answer(session, "Nothing was changed.\n");
        return session.interrupted ? Exit::interrupted : exit;
    }
    const Status done = unlock(session.ports.store, session.settings.cluster);
    if (!done) {
        return complain_of(
            session,
            {not_done("unlocked", done.error()), "A lease expires by itself within two minutes."},
            done.error());
    }
    return answer(session, "The lease is released. A pass that held it can no longer write.\n");
}

}  // namespace

void add_unlock(CLI::App& app, CommandLine& line) {
    CLI::App* command = add_command(
        app, line, "unlock", "Force-release the lease; a pass that held it can no longer write");
    const auto options = std::make_shared<UnlockOptions>();
    command->add_flag("--yes", options->yes, "Do not ask, even on a terminal");
    set_example(*command, "nodenap unlock --config nodenap.toml");
    command->callback([&line, options] {
        line.command = [options](Session& session) { return free_lease(session, *options); };
    });
}

}  // namespace nodenap
