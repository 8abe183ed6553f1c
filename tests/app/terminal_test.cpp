#include "app/cli/terminal.hpp"

#include "cli_world.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

namespace nodenap {
namespace {

using test::CaughtStream;

/// A terminal of the kernel's: what a program sees where a person sits.
class PseudoTerminal {
public:
    PseudoTerminal() : master_(posix_openpt(O_RDWR | O_NOCTTY)) {
        grantpt(master_);
        unlockpt(master_);
        file_ = std::fopen(ptsname(master_), "r+");
    }
    ~PseudoTerminal() {
        std::fclose(file_);
        close(master_);
    }
    PseudoTerminal(const PseudoTerminal&) = delete;
    PseudoTerminal& operator=(const PseudoTerminal&) = delete;

    std::FILE* file() const { return file_; }
    void type(const std::string& text) const {
        EXPECT_EQ(write(master_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    std::string shown() const {
        std::string text(4096, '\0');
        const ssize_t got = read(master_, text.data(), text.size());
        text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
        return text;
    }

private:
    int master_;
    std::FILE* file_ = nullptr;
};

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

}  // namespace
}  // namespace nodenap
