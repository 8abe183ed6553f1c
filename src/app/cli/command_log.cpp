#include "app/cli/command_log.hpp"

namespace nodenap {

void CommandLog::write(const LogEvent& event) {
    std::string text = event.name;
    for (const auto& [name, value] : event.fields) {
        if (const auto* word = std::get_if<std::string>(&value)) text += " " + *word;
    }
    if (log_ == nullptr) return terminal_.progress(text + " …");
    terminal_.end_progress();
    log_->write(event);
}

void CommandLog::pass(const Record& record, bool succeeded) {
    if (log_ == nullptr) return;
    terminal_.end_progress();
    log_->pass(record, succeeded);
}

}  // namespace nodenap
