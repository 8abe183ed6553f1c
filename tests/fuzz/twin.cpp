// The twin that must fail: what the fuzzers are made of finds a fault where there is one.

#include "fuzz/fuzz.hpp"

namespace nodenap::fuzz {

void try_input(std::string_view input) {
    if (!input.starts_with('{')) return;
    const volatile char behind = *(input.data() + input.size());
    static_cast<void>(behind);
}

}  // namespace nodenap::fuzz
