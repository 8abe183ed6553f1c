// A fuzzer that must fail, to show that the fuzzers detect bugs.

#include "fuzz/fuzz.hpp"

namespace nodenap::fuzz {

void try_input(std::string_view input) {
    if (!input.starts_with('{')) return;
    const volatile char behind = *(input.data() + input.size());
    static_cast<void>(behind);
}

}  // namespace nodenap::fuzz
