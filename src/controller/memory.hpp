#pragma once

#include "controller/ports.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nodenap {

/// An EC2 event about one instance, kept until it is handled.
struct Interruption {
    std::string kind;  // "spot_warning", "rebalance"
    Time at{};
};

/// The whole state item as values.
struct State {
    std::int64_t epoch = 0;
    std::string generation;
    std::string lease_owner;
    std::optional<Time> lease_until;
    std::map<std::string, Interruption> interruptions;
    std::vector<Operation> open_operations;
    std::vector<Operation> launched;  // confirmed by EC2, but not listed yet at the last call
    Memory memory;
    std::optional<Time> last_pass_at;
    std::optional<Time> last_action_at;
    std::optional<Time> paused_until;
    std::string pause_reason;  // of the person who paused; may be empty
    std::int64_t format = state_format;
    bool memory_forgotten = false;  // the item had a memory that cannot be read
};

inline constexpr std::string_view state_record = "state";
Key state_key(const std::string& cluster);

/// A write whose response was lost is repeated once; its condition shows whether it had succeeded.
Result<Updated> update_surely(StateStore& store, const Key& key, const Change& change,
                              const Condition& condition);

/// A memory that cannot be read is dropped, never guessed.
State state_from(const AttributeMap& item, const Codec& codec);
/// The current state item; a State of defaults for a cluster without one.
Result<State> read_state(StateStore& store, const Codec& codec, const std::string& cluster);

/// The parts of a Change that record an operation, save the response to a launch, and close either.
void announce(Change& change, const Operation& operation);
void note_answer(Change& change, const Operation& operation);
void close(Change& change, const std::string& operation_id);

/// Written unfenced, so that it is kept even if the invocation never acquires the lease.
Status post_interruption(StateStore& store, const std::string& cluster,
                         const std::string& instance_id, const Interruption& interruption);

/// Adds one record to the history; writing the same record twice has no effect.
Status append_record(StateStore& store, const Codec& codec, const Record& record);

struct HistorySpan {
    Time since{};
    int limit = 100;
};
struct History {
    std::vector<Record> records;          // newest first
    std::vector<std::string> unreadable;  // each with its key and the error
};
Result<History> read_history(StateStore& store, const Codec& codec, const std::string& cluster,
                             const HistorySpan& span);

}  // namespace nodenap
