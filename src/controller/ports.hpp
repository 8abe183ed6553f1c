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
    /// For durations only; its zero has no meaning.
    virtual Milliseconds monotonic() = 0;
    virtual void sleep_for(Milliseconds span) = 0;
};

// --- the cluster -------------------------------------------------------------------------------

class Metrics {
public:
    virtual ~Metrics() = default;
    /// One batch of queries with one evaluation time. Never fails as a whole: each signal is a
    /// separate reading. `window` is the time span of the usage rates.
    virtual Signals read(Time now, Milliseconds window) = 0;
};

// --- EC2 ---------------------------------------------------------------------------------------

enum class OperationKind { launch, remove };

/// One instance to be launched or terminated, recorded before the call: the complete request, so
/// that a repetition is the same request byte for byte.
struct Operation {
    std::string id;  // also the client token and the tag nodenap:operation
    OperationKind kind = OperationKind::launch;
    std::int64_t epoch = 0;
    Time since{};
    Offering offering;
    std::string subnet;
    std::string launch_template;
    std::string launch_template_version;
    std::string instance_id;  // of a removal, or from EC2's response to a launch
    std::string reason;       // of a removal
    friend bool operator==(const Operation&, const Operation&) = default;
};

class Fleet {
public:
    virtual ~Fleet() = default;
    /// All instances tagged ManagedBy=autoscaler and nodenap:cluster=<this cluster>, all pages.
    virtual Result<std::vector<Instance>> list() = 0;
    /// Exactly one instance and one offering per operation, all in parallel; one result for each,
    /// in order. no_capacity: the offering must go into backoff (code "Unsupported": for a day). A
    /// token whose instance has terminated returns that instance in state terminated.
    virtual std::vector<Result<Instance>> launch(const std::vector<Operation>& operations) = 0;
    /// One call per instance. For one that EC2 does not know: invalid, code no_such_instance.
    virtual std::vector<Status> terminate(const std::vector<std::string>& instance_ids) = 0;
};

// --- the store ---------------------------------------------------------------------------------

struct Attribute;
using AttributeMap = std::map<std::string, Attribute>;

/// A DynamoDB attribute of the types in use: BOOL, N (integers), S, M.
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

/// One UpdateItem, atomic. Paths must not overlap. An entry can only be set or removed in a map
/// that exists.
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
/// True if all conditions of any of the lists are true; always true without lists.
struct Condition {
    std::vector<std::vector<Clause>> any_of;
};

/// `item` is the whole item after the write; if refused, the existing item (empty: there is none).
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
    /// Atomic. unknown_outcome: the write may or may not have succeeded.
    virtual Result<Updated> update(const Key& key, const Change& change,
                                   const Condition& condition) = 0;
    /// Strongly consistent; an empty map if there is no such item.
    virtual Result<AttributeMap> get(const Key& key) = 0;
    virtual Result<std::vector<AttributeMap>> query(const Query& query) = 0;
};

// --- history and log ---------------------------------------------------------------------------

/// One outside effect of a pass and its result.
struct Effect {
    std::string kind;  // "launch", "terminate", "adopt", "close"
    std::string id;    // instance id, or the operation's if there is none
    std::string result;
    std::optional<std::string> error = std::nullopt;
    std::string instance_type = {};  // of the instance; empty where it is not known
    friend bool operator==(const Effect&, const Effect&) = default;
};

/// What a pass decided and did: the history's record and the Lambda response.
struct Record {
    Plan plan;
    std::int64_t epoch = 0;
    std::string trigger;
    std::vector<Effect> done;
    friend bool operator==(const Record&, const Record&) = default;
};

/// Converts saved values to text. Implemented by decision_json; the simulator has its own.
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
    /// The end of a pass: its decision and whether everything succeeded (the PassSucceeded metric).
    virtual void pass(const Record& record, bool succeeded) = 0;
};

/// All ports of a pass.
struct Ports {
    Clock& clock;
    Metrics& metrics;
    Fleet& fleet;
    StateStore& store;
    Codec& codec;
    EventLog& log;
};

}  // namespace nodenap
