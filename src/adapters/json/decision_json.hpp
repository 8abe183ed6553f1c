#pragma once

#include "controller/memory.hpp"
#include "controller/ports.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nodenap {

/// The plan as JSON with every key, indented, for `plan --output json`. Percentages have at most
/// one decimal, cores three, prices six; times are whole seconds in UTC. Invalid UTF-8 is replaced.
std::string plan_json(const Plan& plan);

/// The plan without empty lists and maps, plus `epoch`, `trigger` and `done`, in one line. It is
/// the response of the Lambda function, and the text of a history item unless it is too long for
/// one.
std::string record_json(const Record& record);

/// The output of `status` and of {"action":"status"}. `last` is the newest record, null if none.
std::string status_json(const State& state, const Settings& settings, Time now, const Record* last);

/// {"error":{"code":…,"text":…}}
std::string error_json(std::string_view code, std::string_view text);

/// Both read either form and ignore unknown keys. Error invalid: not JSON, a newer version, or an
/// invalid value or type; the text names the key.
Result<Plan> plan_from_json(std::string_view text);
Result<Record> record_from_json(std::string_view text);

/// Encodes the controller's values as text for the store. Memory is compact: one-letter keys, whole
/// seconds, causes cut to 80 bytes.
class JsonCodec final : public Codec {
public:
    std::string memory_text(const Memory& memory) const override;
    Result<Memory> memory(std::string_view text) const override;
    /// At most 300 KiB (an item may have 400): beyond, the lists of pods are cut, and
    /// "shortened": true is added.
    std::string record_text(const Record& record) const override;
    Result<Record> record(std::string_view text) const override;
};

}  // namespace nodenap
