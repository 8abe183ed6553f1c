#pragma once

#include "app/config_document.hpp"
#include "controller/ports.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

// The documents of `--output json`: each an object with "version" and with every key.

/// Indented; numbers have at most six decimals, or four digits where they are smaller than a
/// thousandth. Invalid UTF-8 is replaced.
std::string document_text(nlohmann::ordered_json document);

/// `tick`, `run`, and each of `history`'s records: the keys of `plan`, then "epoch", "trigger" and
/// "done"; one line.
std::string whole_record_json(const Record& record);

/// {"version", "cluster", "records"}, a record a line.
std::string history_document(const std::string& cluster, const std::vector<Record>& records);

/// {"version", "error": {"kind", "code", "text", "advice"}}, one line. `code` is the peer's own
/// word, null where there is none.
std::string failure_json(const Error& error, std::string_view text, std::string_view advice);

/// {"version", "file", "ok", "faults": [{"line", "key", "message"}]}, indented: `config check`.
std::string verdict_json(const std::string& file, const std::vector<Diagnostic>& faults);

/// What any other command answers to a file that it cannot use: `failure_json` with "file" and
/// "faults" as above.
std::string refusal_json(const std::string& file, const std::vector<Diagnostic>& faults);

}  // namespace nodenap
