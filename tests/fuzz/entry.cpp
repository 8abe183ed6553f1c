#include "fuzz/fuzz.hpp"

#include <cstddef>
#include <cstdint>

// The name that libFuzzer requires.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    nodenap::fuzz::try_input({reinterpret_cast<const char*>(data), size});
    return 0;
}
