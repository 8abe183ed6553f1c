// Plans, records and the memory as stored text: each is read, written and read again.

#include "adapters/json/decision_json.hpp"
#include "fuzz/fuzz.hpp"

namespace nodenap::fuzz {
namespace {

void claim_fault(const Error& error) {
    claim(error.kind == ErrorKind::invalid, "a person must mend it");
    claim(!error.text.empty(), "an error has a text");
}

/// Numbers are rounded and times truncated when written, so texts are compared.
template <class T, class Read, class Write>
void claim_comes_back(const Result<T>& value, Read read, Write write) {
    if (!value) return claim_fault(value.error());
    const auto text = write(*value);
    const auto again = read(text);
    claim(static_cast<bool>(again), "what was written is read");
    claim(write(*again) == text, "what is read again is written alike");
}

}  // namespace

void try_input(std::string_view input) {
    const JsonCodec codec;
    claim_comes_back(plan_from_json(input), plan_from_json, plan_json);
    claim_comes_back(record_from_json(input), record_from_json, record_json);
    claim_comes_back(
        codec.memory(input), [&](const std::string& text) { return codec.memory(text); },
        [&](const Memory& memory) { return codec.memory_text(memory); });
}

}  // namespace nodenap::fuzz
