#pragma once

#include "adapters/store/contract.hpp"

#include <gtest/gtest.h>

/// Shared by the files of store_contract; included by no other.
namespace nodenap::contract {

std::vector<StoreContractCase> change_cases();
std::vector<StoreContractCase> condition_cases();
std::vector<StoreContractCase> query_cases();
std::vector<StoreContractCase> concurrency_cases();

inline Attribute flag(bool value) { return {value}; }
inline Attribute number(std::int64_t value) { return {value}; }
inline Attribute text(std::string value) { return {std::move(value)}; }
inline Attribute map(AttributeMap value) { return {std::move(value)}; }

inline Change set(std::string name, Attribute value) {
    Change change;
    change.set.push_back({{std::move(name)}, std::move(value)});
    return change;
}

inline Condition all_of(std::vector<Clause> clauses) { return {{std::move(clauses)}}; }

/// The state record of a unique cluster id.
Key new_key();

}  // namespace nodenap::contract
