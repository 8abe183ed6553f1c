#include "adapters/json/decision_json.hpp"
#include "adapters/json/decision_json_samples.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

namespace nodenap {
namespace {

using namespace test;

TEST(MemoryText, RoundTrips) {
    const JsonCodec codec;
    for (const auto& memory : {Memory{}, busy_memory(1), busy_memory(10)}) {
        const auto back = codec.memory(codec.memory_text(memory));
        ASSERT_TRUE(back) << back.error().text;
        EXPECT_EQ(*back, memory);
    }
    EXPECT_EQ(codec.memory_text({}), "{}");
}

TEST(MemoryText, UnregisteredInstanceIsRemembered) {
    const JsonCodec codec;
    Memory memory;
    memory.instances["i-0abc"];
    memory.instances["i-0def"].notready_since = at(-30);
    memory.instances["i-0server"].server_seen_at = at(-10);
    memory.instances["i-0new"].first_seen_at = at(-20);
    memory.instances["i-0unseen"].first_seen_at = at(-20);
    memory.instances["i-0new"].registration_failed = true;
    memory.instances["i-0kept"].refused_until = at(1800);
    memory.instances["i-0unseen"].unwatched = std::chrono::minutes(7);
    memory.instances["i-0tainted"].opens_at = at(60);
    memory.instances["i-0tainted"].registered_at = memory.instances["i-0other"].registered_at =
        at(-30);
    memory.instances["i-0tainted"].only_by_name = true;
    memory.instances["i-0other"].only_by_name = false;
    memory.instances["i-0old"].registered_at = at(-30);
    EXPECT_EQ(*codec.memory(codec.memory_text(memory)), memory);
}

TEST(MemoryText, HiddenPodsAndLocalVolumesAreRemembered) {
    const JsonCodec codec;
    Memory memory;
    memory.hidden_since["node \"a\""] = at(-90);
    memory.unmatched_nodes = {"edge-7", "edge-8"};
    memory.templates["lt-0abc"] = at(-90);
    memory.instances["i-0abc"].registered_at = at(-30);
    memory.instances["i-0abc"].volumes = {{"pvc-1", "default/data-db-0", std::nullopt},
                                          {"pvc-2", "default/old", at(-5)}};
    EXPECT_EQ(*codec.memory(codec.memory_text(memory)), memory);
    EXPECT_FALSE(codec.memory(R"({"o":[["i-0abc","pvc-1"]]})"));
    EXPECT_FALSE(codec.memory(R"({"h":{"a":"soon"}})"));
}

TEST(MemoryText, ReadsOlderVersions) {
    const auto memory = JsonCodec().memory(
        R"({"i":{"i-0a":1795464000,"i-0b":null,"i-0c":[1795464000,1795464001],"i-0d":[null,1]}})");
    ASSERT_TRUE(memory) << memory.error().text;
    std::map<std::string, RememberedInstance> wanted;
    wanted["i-0a"].registered_at = wanted["i-0c"].registered_at = at(0);
    wanted["i-0b"];
    wanted["i-0c"].notready_since = at(1);
    wanted["i-0d"].notready_since = Time{std::chrono::seconds(1)};
    EXPECT_EQ(memory->instances, wanted);
}

TEST(MemoryText, OlderServerEntriesGetTheTimeOfTheNodeData) {
    const auto memory = JsonCodec().memory(R"({"i":{"i-0s":[null,null,1]},"n":1795464000})");
    ASSERT_TRUE(memory) << memory.error().text;
    EXPECT_EQ(memory->instances.at("i-0s").server_seen_at, at(0));
    EXPECT_TRUE(
        JsonCodec().memory(R"({"i":{"i-0s":[null,null,1]}})")->instances.at("i-0s").server_seen_at);
}

TEST(MemoryText, ObservedAllocatableIsKept) {
    const JsonCodec codec;
    Memory memory;
    memory.allocatable["workers/c5n.xlarge"] = {{{3900}, {9800}, 110}, at(0)};
    memory.groups = {{"a", {}, at(600), 1, {{900}, {1748}, 0}}, {"b", {7}, std::nullopt, 0}};
    const auto text = codec.memory_text(memory);
    EXPECT_EQ(text, R"({"g":[["a",0,1795464600,1,900,1748],["b",7,null,0]],)"
                    R"("a":{"workers/c5n.xlarge":[3900,9800,110,1795464000]}})");
    EXPECT_EQ(*codec.memory(text), memory);
    EXPECT_EQ(
        codec.memory(R"({"a":{"x/y":[-1,9000000000000000000,1,0]}})")->allocatable.at("x/y").has,
        (Resources{{0}, {1'000'000'000'000'000}, 1}));
}

TEST(MemoryText, ForgetsFractionsOfASecond) {
    const JsonCodec codec;
    Memory memory;
    memory.low_since = at(0) + Milliseconds{999};
    memory.low_seen_at = memory.last_removal_at = memory.low_since;
    const auto read = codec.memory(codec.memory_text(memory));
    EXPECT_EQ(read->low_seen_at, at(0));
    // What must last is no shorter for it.
    EXPECT_EQ(read->low_since, at(0) + Milliseconds{1000});
    EXPECT_EQ(read->last_removal_at, at(0) + Milliseconds{1000});
}

TEST(MemoryText, LargeCountersAreCapped) {
    const auto memory = JsonCodec().memory(
        R"({"r":[["p","t","z","spot",0,2147483647,""]],"g":[["a",1,null,2147483647]],"d":2147483647})");
    ASSERT_TRUE(memory) << memory.error().text;
    EXPECT_EQ(memory->cooldown_doublings, 1000);
    EXPECT_EQ(memory->unavailable_offerings[0].failures, 1000);
    EXPECT_EQ(memory->groups[0].failures, 1000);
}

TEST(MemoryText, CausesAreTruncatedBetweenCharacters) {
    const JsonCodec codec;
    Memory memory;
    std::string cause(79, 'x');
    memory.unavailable_offerings = {{{"p", "t", "z", Capacity::spot}, at(1), 1, cause + "üüüü"}};
    EXPECT_EQ(codec.memory(codec.memory_text(memory))->unavailable_offerings[0].cause, cause);
}

std::size_t size_of(const Attribute& attribute);

/// As DynamoDB counts: names and values in UTF-8; a number about half its digits and one more; a
/// flag one; a map three, and one for each entry.
std::size_t size_of(const AttributeMap& map) {
    std::size_t size = 0;
    for (const auto& [name, attribute] : map) size += name.size() + size_of(attribute);
    return size;
}

std::size_t size_of(const Attribute& attribute) {
    if (std::holds_alternative<bool>(attribute.value)) return 1;
    if (const auto* number = std::get_if<std::int64_t>(&attribute.value))
        return std::to_string(*number).size() / 2 + 2;
    if (const auto* text = std::get_if<std::string>(&attribute.value)) return text->size();
    const auto& map = *std::get_if<AttributeMap>(&attribute.value);
    return 3 + map.size() + size_of(map);
}

TEST(MemoryText, TheStateItemOfTenNodesIsAtMostOneKilobyte) {
    const std::int64_t ms = at(0).time_since_epoch().count();
    const std::string hex = "0123456789abcdef0123456789abcdef";
    const AttributeMap item{{"cluster_id", {std::string("production-eu")}},
                            {"record", {std::string("state")}},
                            {"scaling_in_progress", {true}},
                            {"lease_owner", {hex}},
                            {"lease_until", {ms}},
                            {"epoch", {std::int64_t{123'456}}},
                            {"generation", {hex}},
                            {"notices", {AttributeMap{}}},
                            {"open_intents", {AttributeMap{}}},
                            {"memory", {JsonCodec().memory_text(busy_memory(10))}},
                            {"last_pass_at", {ms}},
                            {"last_action_at", {ms}},
                            {"paused_until", {ms}},
                            {"format", {std::int64_t{1}}}};
    EXPECT_LE(size_of(item), 1024U) << JsonCodec().memory_text(busy_memory(10));
}

TEST(MemoryText, UnknownKeysAreIgnoredAndBadTextIsAnError) {
    const JsonCodec codec;
    EXPECT_EQ(*codec.memory(R"({"zz":[1,2],"d":3})"), [] {
        Memory memory;
        memory.cooldown_doublings = 3;
        return memory;
    }());
    for (const char* text :
         {"", "null", "[]", "{", R"({"i":7})", R"({"i":{"i-0":"x"}})", R"({"i":{"i-0":[1]}})",
          R"({"r":[[1]]})", R"({"r":[7]})", R"({"g":[["a"]]})", R"({"l":["x"]})",
          R"({"l":[9223372036854775807,9223372036854775807]})", R"({"d":-1})", R"({"d":1e99})",
          R"({"q":"yes"})", R"({"c":7})", R"({"w":"soon"})"})
        EXPECT_FALSE(codec.memory(text)) << text;
}

}  // namespace
}  // namespace nodenap
