#include "sim/world/codec.hpp"

#include <gtest/gtest.h>

namespace nodenap::sim {
namespace {

using namespace std::chrono_literals;

TEST(KeepingCodec, FindsStoredValuesOnly) {
    const KeepingCodec codec;
    Memory memory;
    memory.last_reason = "x";
    const auto text = codec.memory_text(memory);
    EXPECT_EQ(*codec.memory(text), memory);
    EXPECT_FALSE(codec.memory("9"));
    EXPECT_FALSE(codec.memory("nonsense"));
}

TEST(KeepingCodec, ForgetsTheOldest) {
    const KeepingCodec codec;
    const auto first = codec.record_text({});
    Record last;
    for (int i = 0; i < 300; ++i) {
        last.epoch = i;
        codec.record_text(last);
    }
    EXPECT_FALSE(codec.record(first));
    EXPECT_EQ(codec.record("300")->epoch, 299);
}

}  // namespace
}  // namespace nodenap::sim
