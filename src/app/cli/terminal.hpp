#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace nodenap {

enum class OutputForm { table, json };
enum class ColorChoice { automatic, always, never };

/// How text for people may look. Width 0: no limit, as into a pipe or a file.
struct Style {
    bool color = false;
    std::size_t width = 0;
};

/// Where a command prints to and who may be sitting there.
struct Streams {
    std::FILE* in = stdin;
    std::FILE* out = stdout;
    std::FILE* err = stderr;
};

/// The one place where the command prints: what a terminal would obey is taken out of every text
/// but for our own tints, and escaped where the answer is JSON.
/// Answers go to standard output, all else to standard error. A progress line is one line there
/// that is written over again and gone before anything else is printed; only a terminal has it.
class Terminal {
public:
    Terminal(const Streams& streams, ColorChoice color, bool no_color_wanted,
             OutputForm form = OutputForm::table);

    /// Says once on standard error why standard output takes nothing more; a reader that has
    /// gone (`| head`) is passed over in silence. Either is a failure of the command.
    void print(std::string_view text);
    bool has_lost_output() const { return lost_output_; }
    /// "nodenap: TEXT" on standard error.
    void complain(std::string_view text);
    void progress(std::string_view text);
    void end_progress();
    /// Asks and reads one line; empty where nobody sits at standard input.
    std::string ask(std::string_view question);
    bool has_person() const { return person_; }
    const Style& style() const { return style_; }

private:
    std::string clean(std::string_view answer) const;

    Streams streams_;
    Style style_;
    OutputForm form_;
    bool err_is_terminal_ = false;
    bool person_ = false;
    bool progress_shown_ = false;
    bool lost_output_ = false;
};

}  // namespace nodenap
