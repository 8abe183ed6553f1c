#include "fuzz/fuzz.hpp"

#include <cstddef>
#include <cstdint>

// libFuzzer's own name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    nodenap::fuzz::try_input({reinterpret_cast<const char*>(data), size});
    return 0;
}
