#pragma once

#include "controller/ports.hpp"

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace nodenap {

/// Opens one more client of the store under test; called from several threads and processes.
using OpenStore = std::function<std::unique_ptr<StateStore>()>;

/// One requirement of every StateStore. `check` uses its own cluster id, so that a table may be
/// shared, and reports through gtest.
struct StoreContractCase {
    std::string name;
    std::function<void(const OpenStore&)> check;
};
inline void PrintTo(const StoreContractCase& one, std::ostream* out) { *out << one.name; }

/// The whole contract of ports.hpp. Instantiate it for a store with:
///
///     class MyStore : public testing::TestWithParam<StoreContractCase> {};
///     TEST_P(MyStore, Keeps) { GetParam().check(open_my_store); }
///     INSTANTIATE_TEST_SUITE_P(Contract, MyStore, testing::ValuesIn(store_contract()), case_name);
const std::vector<StoreContractCase>& store_contract();

template <class Info>
std::string case_name(const Info& info) {
    return info.param.name;
}

}  // namespace nodenap
