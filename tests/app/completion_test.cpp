#include "cli_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace nodenap {
namespace {

using test::CalmWorld;
using test::run_line;
using testing::HasSubstr;

/// What bash offers after these words, by the script.
std::string offered(const std::string& words, int index) {
    CalmWorld world;
    const std::string file = testing::TempDir() + "nodenap-completion.bash";
    std::ofstream(file) << run_line(world, {"completion", "bash"}).out;
    const std::string command = "bash -c '. " + file + "; COMP_WORDS=(nodenap " + words +
                                "); COMP_CWORD=" + std::to_string(index) +
                                "; _nodenap; echo ${COMPREPLY[@]}'";
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> said(::popen(command.c_str(), "r"), ::pclose);
    std::string text(4096, ' ');
    text.resize(std::fread(text.data(), 1, text.size(), said.get()));
    return text;
}

TEST(Completion, OfBashOffersCommandsAndTheirOptions) {
    EXPECT_EQ(offered("his", 1), "history\n");
    EXPECT_EQ(offered("history --fol", 2), "--follow\n");
    EXPECT_EQ(offered("config ch", 2), "check\n");
    EXPECT_EQ(offered("config in", 2), "init\n");
    EXPECT_EQ(offered("config check --out", 3), "--output\n");
    EXPECT_EQ(offered("pause --rea", 2), "--reason\n");
    EXPECT_THAT(offered("plan -", 2), HasSubstr("--config -c"));
}

TEST(Completion, OfFishAndZshNamesEachCommand) {
    CalmWorld world;
    const auto fish = run_line(world, {"completion", "fish"}).out;
    EXPECT_THAT(fish, HasSubstr("-a nodes -d 'Show each worker"));
    EXPECT_THAT(fish, HasSubstr("'__fish_seen_subcommand_from history' -l follow -d"));
    EXPECT_THAT(fish, HasSubstr("-n '__fish_seen_subcommand_from config' -f -a init -d 'Write"));
    EXPECT_THAT(run_line(world, {"completion", "zsh"}).out,
                testing::StartsWith("#compdef nodenap\n"));
    EXPECT_EQ(run_line(world, {"completion", "tcsh"}).exit, Exit::usage);
}

}  // namespace
}  // namespace nodenap
