// What others write, driven through every command: nothing of it may steer a terminal.

#include "app/cli/table.hpp"
#include "base/harmless.hpp"
#include "cli_world.hpp"
#include "config_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

#include <unistd.h>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::Printed;
using test::run_line;
using Words = std::vector<std::string>;

/// A window's title, a colour, DEL, C1 in both forms, and a text that reads backwards.
const std::string hostile = "x\033]0;t\a\033[41m\x7F\xC2\x9B\x9B\u202Edlo\u2066\u200F\u061C";
/// The same as far as TOML takes it: it must be UTF-8, and control characters are written so.
const std::string in_toml = R"(x\u001b]0;t\u0007\u001b[41m\u007f\u009b\u202edlo\u2066\u200f\u061c)";

Error hostile_error() { return {ErrorKind::denied, hostile, hostile}; }

struct HostileWorld : CalmWorld {
    HostileWorld() {
        settings.cluster = hostile;
        settings.region = hostile;
        settings.metrics.url = hostile;
        settings.mode_named = false;
        settings.policy.mode = Mode::act;
        settings.policy.pools[0].name = hostile;
        for (auto& instance : fleet.instances) {
            instance.id += hostile;
            instance.offering.pool = hostile;
            instance.offering.instance_type = hostile;
        }
        metrics.signals.cpu = Unknown{hostile};
        metrics.signals.memory = Unknown{hostile};
        Pending pending;
        pending.count = 2;
        pending.pods = {{hostile, "ReplicaSet/" + hostile, {{100}, {100}, 1}, std::nullopt},
                        {hostile + "2", hostile, {{100'000}, {100}, 1}, std::nullopt}};
        metrics.signals.pending = pending;
        metrics.signals.nodes =
            std::vector<Node>{test::ready_node(hostile), test::ready_node("i-0bbb" + hostile)};
        fleet.launch_errors.assign(50, hostile_error());
        preflight.time = hostile_error();
        preflight.launch = preflight.termination = hostile_error();
        preflight.credentials_seen = CredentialsSeen{hostile, std::nullopt};
        preflight.subnets_seen = hostile_error();
        preflight.template_seen = hostile_error();
        preflight.monitoring = MonitoringSeen{
            test::fake_start, {{hostile, 3, 1}}, {{hostile, hostile, true}}, hostile, {hostile}};
    }
};

/// Each test its own, for ctest runs them side by side.
std::string file_of(const std::string& name, const std::string& text) {
    auto file = testing::TempDir() + "nodenap_hostile_" + name + std::to_string(getpid());
    std::ofstream(file) << text;
    return file;
}

std::string scenario_file() {
    return file_of("scenario", "[scenario]\nname = \"" + in_toml + "\"\nabout = \"" + in_toml +
                                   "\"\nlength = \"10m\"\n[[step]]\nat = \"1m\"\ndeployment = \"" +
                                   in_toml + "\"\nreplicas = 3\n");
}

/// A List as kubectl writes it; JSON escapes as TOML does.
std::string list_file() {
    return file_of("list", R"({"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": ")" +
                               in_toml + R"(", "namespace": ")" + in_toml +
                               R"("}, "spec": {"containers": []}, "status": {"phase": "Pending"}},
                               {"kind": "Node", "metadata": {"name": ")" +
                               in_toml + R"("}, "spec": {}, "status": {}}]})");
}

std::string without_tints(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        const auto tint = tint_at_front(text);
        if (tint == 0) plain += text.front();
        text.remove_prefix(std::max<std::size_t>(tint, 1));
    }
    return plain;
}

void expect_harmless(const std::string& text, const Words& words) {
    const auto plain = without_tints(text);
    EXPECT_EQ(plain, harmless_lines(plain)) << testing::PrintToString(words);
}

/// In a world of its own, with a history and a lease in it, and until the second sleep.
Printed run_in_hostile_world(const Words& words) {
    HostileWorld world;
    std::atomic<bool> interrupted{false};
    run_line(world, {"tick"});
    run_line(world, {"pause", "--for", "5m", "--reason", hostile});
    world.clock.on_sleep = [&] { interrupted = world.clock.sleeps.size() > 1; };
    return run_line(world, words, interrupted);
}

const std::vector<Words>& lines() {
    static const std::vector<Words> all = {
        {"plan"},
        {"help", "plan"},
        {"version"},
        {"completion", "fish"},
        {"nodes"},
        {"tick"},
        {"run"},
        {"status"},
        {"history"},
        {"pause", "--for", "1h"},
        {"pause", "--reason", hostile},
        {"resume"},
        {"unlock", "--yes"},
        {"doctor"},
        {"cost"},
        {"cost", "--offline", "--config", file_of("good", std::string(test::good_file))},
        {"config", "check", file_of("bad" + hostile, "[" + hostile + "]")},
        {"config", "check",
         file_of("toml", "[cluster]\nid = \"" + in_toml + "\"\n\"" + in_toml +
                             "\" = 1\n[[pool]]\nname = \"" + in_toml + "\"\n")},
        {"config", "check", hostile},
        {"config", "init", "/nowhere/" + hostile},
        {"explain", "pods", "--from", list_file()},
        {"explain", "nodes", "--from", list_file()},
        {"explain", "nodes", "--from", hostile},
        {"plan", "--from", list_file(), "--types", "t3.small"},
        {"plan", "--from", list_file(), "--types", hostile},
        {"plan", "--from", list_file(), "--now", hostile},
        {"simulate", scenario_file()},
        {"simulate", scenario_file(), "--trace"},
        {"simulate", scenario_file(), "--config", file_of("own", std::string(test::good_file))},
        {"simulate", scenario_file(), "--compare", "article"},
        {"simulate", scenario_file(), "--html", "/nowhere/" + hostile},
        {"simulate", hostile},
        {"simulate", "chaos", "--seed", hostile},
        {hostile},
        {"plan", hostile},
        {"plan", "--" + hostile},
        {"plan", "--output", hostile},
        {"pause", "--for", hostile},
        {"history", "--limit", hostile},
    };
    return all;
}

TEST(HostileText, SteersNoTerminal) {
    for (const auto& line : lines()) {
        for (const char* color : {"never", "always"}) {
            Words words = line;
            words.insert(words.end(), {"--color", color});
            const Printed printed = run_in_hostile_world(words);
            EXPECT_FALSE(printed.out.empty() && printed.err.empty());
            expect_harmless(printed.out, words);
            expect_harmless(printed.err, words);
        }
    }
}

TEST(HostileText, IsEscapedInJson) {
    for (const auto& line : lines()) {
        Words words = line;
        words.insert(words.end(), {"--output", "json"});
        const Printed printed = run_in_hostile_world(words);
        EXPECT_EQ(printed.out, harmless_lines(printed.out)) << testing::PrintToString(words);
        expect_harmless(printed.err, words);
    }
    HostileWorld world;
    const auto plan =
        nlohmann::json::parse(run_line(world, {"plan", "--output", "json"}).out, nullptr, false);
    ASSERT_TRUE(plan.is_object());
    EXPECT_THAT(plan["cluster"].get<std::string>(), testing::HasSubstr("\033]0;t\a"))
        << "whoever reads JSON gets what was written";
}

/// Each command that there is has a line above.
TEST(HostileText, GoesThroughEveryCommand) {
    CalmWorld world;
    const auto help = run_line(world, {"--help"}).out;
    for (const char* command :
         {"plan", "nodes", "tick", "run", "status", "history", "pause", "resume", "unlock",
          "doctor", "cost", "explain", "config", "simulate", "help", "version", "completion"}) {
        EXPECT_THAT(help, testing::HasSubstr(std::string("\n  ") + command));
        const bool is_tried = std::ranges::any_of(
            lines(), [&](const Words& words) { return words.front() == command; });
        EXPECT_TRUE(is_tried) << command;
    }
    const auto after = help.substr(help.find("Subcommands:"));
    const auto end = after.find("\n\n");
    EXPECT_EQ(std::ranges::count(after.substr(0, end), '\n'), 17) << after;
}

}  // namespace
}  // namespace nodenap
