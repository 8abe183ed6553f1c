#include "app/cli/terminal.hpp"

#include "cli_world.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>

#include <unistd.h>

namespace nodenap {
namespace {

using test::CaughtStream;
using test::PseudoTerminal;

TEST(Terminal, InAPipeHasNoColourNoWidthAndNoProgress) {
    const CaughtStream out;
    const CaughtStream err;
    Terminal terminal({out.get(), out.get(), err.get()}, ColorChoice::automatic, false);
    EXPECT_FALSE(terminal.style().color);
    EXPECT_EQ(terminal.style().width, 0U);
    EXPECT_FALSE(terminal.has_person());
    terminal.progress("looking");
    terminal.print("answer\n");
    terminal.complain("trouble");
    EXPECT_EQ(terminal.ask("sure? "), "");
    EXPECT_EQ(out.text(), "answer\n");
    EXPECT_EQ(err.text(), "nodenap: trouble\n");
}

TEST(Terminal, ColourIsAsAskedElseByTheTerminalAndNoColor) {
    const PseudoTerminal pty;
    const CaughtStream pipe;
    const Streams person{pty.file(), pty.file(), pty.file()};
    const Streams script{pipe.get(), pipe.get(), pipe.get()};
    EXPECT_TRUE(Terminal(person, ColorChoice::automatic, false).style().color);
    EXPECT_FALSE(Terminal(person, ColorChoice::automatic, true).style().color);
    EXPECT_FALSE(Terminal(person, ColorChoice::never, false).style().color);
    EXPECT_TRUE(Terminal(person, ColorChoice::always, true).style().color);
    EXPECT_TRUE(Terminal(script, ColorChoice::always, false).style().color);
}

TEST(Terminal, AProgressLineIsWipedBeforeAnythingElse) {
    const PseudoTerminal pty;
    const CaughtStream out;
    Terminal terminal({pty.file(), out.get(), pty.file()}, ColorChoice::automatic, false);
    terminal.progress("looking\nat the cluster");
    EXPECT_EQ(pty.shown(), "\r\033[Klooking at the cluster");
    terminal.print("answer\n");
    EXPECT_EQ(pty.shown(), "\r\033[K");
    EXPECT_EQ(out.text(), "answer\n");
}

TEST(Terminal, AProgressLineIsNeverWiderThanTheScreen) {
    const PseudoTerminal pty;
    Terminal terminal({pty.file(), pty.file(), pty.file()}, ColorChoice::automatic, false);
    terminal.progress(std::string(500, 'x'));
    EXPECT_EQ(pty.shown(), "\r\033[K" + std::string(79, 'x'));
    terminal.end_progress();
}

TEST(Terminal, AsksAPerson) {
    const PseudoTerminal pty;
    Terminal terminal({pty.file(), pty.file(), pty.file()}, ColorChoice::automatic, false);
    ASSERT_TRUE(terminal.has_person());
    pty.type("yes\n");
    EXPECT_EQ(terminal.ask("sure? "), "yes");
}

/// A device that takes nothing, and a pipe whose reader has gone.
struct LostOutput {
    explicit LostOutput(std::FILE* stream) : stream_(stream) {}
    ~LostOutput() { std::fclose(stream_); }
    LostOutput(const LostOutput&) = delete;
    LostOutput& operator=(const LostOutput&) = delete;
    std::FILE* get() const { return stream_; }

private:
    std::FILE* stream_;
};

std::FILE* pipe_without_reader() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe(ends), 0);
    ::close(ends[0]);
    std::signal(SIGPIPE, SIG_IGN);
    return ::fdopen(ends[1], "w");
}

TEST(Terminal, AnAnswerThatCannotBeWrittenIsSaidOnceAndRemembered) {
    const LostOutput full(std::fopen("/dev/full", "w"));
    const CaughtStream err;
    Terminal terminal({full.get(), full.get(), err.get()}, ColorChoice::automatic, false);
    EXPECT_FALSE(terminal.has_lost_output());
    terminal.print("answer\n");
    terminal.print("more\n");
    EXPECT_TRUE(terminal.has_lost_output());
    EXPECT_EQ(err.text(), "nodenap: standard output cannot be written: No space left on device\n");
}

TEST(Terminal, AReaderThatHasGoneIsRememberedInSilence) {
    const LostOutput pipe(pipe_without_reader());
    const CaughtStream err;
    Terminal terminal({pipe.get(), pipe.get(), err.get()}, ColorChoice::automatic, false);
    terminal.print("answer\n");
    EXPECT_TRUE(terminal.has_lost_output());
    EXPECT_EQ(err.text(), "");
}

}  // namespace
}  // namespace nodenap
