#pragma once

#include "base/result.hpp"
#include "controller/settings.hpp"
#include "decide/plan.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace nodenap {

// --- time -------------------------------------------------------------------------------------

class Clock {
public:
    virtual ~Clock() = default;
    virtual Time now() = 0;
    /// For spans only; its zero means nothing.
    virtual Milliseconds monotonic() = 0;
    virtual void sleep_for(Milliseconds span) = 0;
};

// --- what is asked of the cluster --------------------------------------------------------------

class Metrics {
public:
    virtual ~Metrics() = default;
    /// One batch of queries at one evaluation time. Never fails as a whole: each signal is a
    /// reading of its own. `window` is the span of the use rates.
    virtual Signals read(Time now, Milliseconds window) = 0;
};

// --- EC2 ---------------------------------------------------------------------------------------

enum class OperationKind { launch, remove };

/// One instance that will be launched or terminated, written down before the call: the complete
/// request, so that repeating it is the same request byte for byte.
struct Operation {
    std::string id;  // also the client token and the tag nodenap:operation
    OperationKind kind = OperationKind::launch;
    std::int64_t epoch = 0;
    Time since{};
    Offering offering;
    std::string subnet;
    std::string launch_template;
    std::string launch_template_version;
    std::string instance_id;  // of a removal, or EC2's answer to a launch
    std::string reason;       // of a removal
    friend bool operator==(const Operation&, const Operation&) = default;
};

class Fleet {
public:
    virtual ~Fleet() = default;
    /// All instances tagged ManagedBy=autoscaler and nodenap:cluster=<ours>, every page.
    virtual Result<std::vector<Instance>> list() = 0;
    /// Exactly one instance and one offering an operation, all at once; one answer for each, in
    /// order. no_capacity: the offering must rest (code "Unsupported": for a day). A token whose
    /// instance is dead answers that instance in state terminated.
    virtual std::vector<Result<Instance>> launch(const std::vector<Operation>& operations) = 0;
    /// One call an instance. One that EC2 does not know: invalid, code no_such_instance.
    virtual std::vector<Status> terminate(const std::vector<std::string>& instance_ids) = 0;
};

// --- the store ---------------------------------------------------------------------------------

struct Attribute;
using AttributeMap = std::map<std::string, Attribute>;

/// A DynamoDB attribute of the types we use: BOOL, N (whole), S, M.
struct Attribute {
    std::variant<bool, std::int64_t, std::string, AttributeMap> value;
    friend bool operator==(const Attribute&, const Attribute&) = default;
};

/// Partition key `cluster_id`, sort key `record`.
struct Key {
    std::string cluster_id;
    std::string record;
};

/// The name of an attribute, or of one entry of a map attribute ("notices", "i-0abc").
struct Path {
    std::string attribute;
    std::string entry = {};
};

/// One UpdateItem: all or nothing. No two paths may overlap. An entry is set or removed only in
/// a map that exists.
struct Change {
    std::vector<std::pair<Path, Attribute>> set;
    std::vector<std::pair<std::string, Attribute>> set_if_absent;
    std::vector<std::pair<std::string, std::int64_t>> add;
    std::vector<Path> remove;
};

enum class Test { absent, present, equals, less };
struct Clause {
    std::string attribute;
    Test test = Test::absent;
    Attribute than = {};  // for equals and less
};
/// True if any of the lists is true as a whole; no list at all: always.
struct Condition {
    std::vector<std::vector<Clause>> any_of;
};

/// `item` is the whole item after the write; if refused, as it was found (empty: there is none).
struct Updated {
    bool refused = false;
    AttributeMap item;
};

/// Newest or oldest first by `record`, which begins with `prefix` and lies in [from, to].
struct Query {
    std::string cluster_id;
    std::string from;
    std::string to;
    bool newest_first = true;
    int limit = 100;
};

class StateStore {
public:
    virtual ~StateStore() = default;
    /// Atomic. unknown_outcome: it may or may not have been written.
    virtual Result<Updated> update(const Key& key, const Change& change,
                                   const Condition& condition) = 0;
    /// Strongly consistent; an empty map where there is no such item.
    virtual Result<AttributeMap> get(const Key& key) = 0;
    virtual Result<std::vector<AttributeMap>> query(const Query& query) = 0;
};

// --- what is written down ----------------------------------------------------------------------

/// One outside effect of a pass and what came of it.
struct Effect {
    std::string kind;  // "launch", "terminate", "adopt", "close"
    std::string id;    // instance id, or the operation's where there is none
    std::string result;
    std::optional<std::string> error = std::nullopt;
    std::string instance_type = {};  // of the instance; empty where it is not known
    friend bool operator==(const Effect&, const Effect&) = default;
};

/// What a pass decided and did: the history's record and the Lambda's answer.
struct Record {
    Plan plan;
    std::int64_t epoch = 0;
    std::string trigger;
    std::vector<Effect> done;
    friend bool operator==(const Record&, const Record&) = default;
};

/// How remembered values become text. decision_json does it; the simulator has its own.
class Codec {
public:
    virtual ~Codec() = default;
    virtual std::string memory_text(const Memory& memory) const = 0;
    virtual Result<Memory> memory(std::string_view text) const = 0;
    virtual std::string record_text(const Record& record) const = 0;
    virtual Result<Record> record(std::string_view text) const = 0;
};

using LogValue = std::variant<std::string, std::int64_t, double, bool>;
struct LogEvent {
    std::string name;  // "pass", "launch", "refused", "lease_lost", …
    std::vector<std::pair<std::string, LogValue>> fields;
};

class EventLog {
public:
    virtual ~EventLog() = default;
    virtual void write(const LogEvent& event) = 0;
    /// The end of a pass: what was decided and whether all went well (the PassSucceeded metric).
    virtual void pass(const Record& record, bool succeeded) = 0;
};

/// Everything a pass may touch.
struct Ports {
    Clock& clock;
    Metrics& metrics;
    Fleet& fleet;
    StateStore& store;
    Codec& codec;
    EventLog& log;
};

}  // namespace nodenap
