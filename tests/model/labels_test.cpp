#include "model/labels.hpp"

#include <gtest/gtest.h>

namespace nodenap::test {
namespace {

TEST(Labels, AreFoundByTheirKey) {
    const Labels labels{{"app", "web"}, {"tier", ""}};
    ASSERT_TRUE(labels.find("app"));
    EXPECT_EQ(*labels.find("app"), "web");
    EXPECT_TRUE(labels.has("tier")) << "an empty value is one";
    EXPECT_FALSE(labels.has("ap"));
    EXPECT_FALSE(labels.has("apps"));
    EXPECT_TRUE(Labels().empty());
}

TEST(Labels, AreEqualInAnyOrderAndTheLastOfAKeyCounts) {
    const Labels sorted{{"a", "1"}, {"b", "2"}};
    const Labels turned{{"b", "2"}, {"a", "1"}};
    const Labels twice{{"b", "9"}, {"a", "1"}, {"b", "2"}};
    EXPECT_EQ(turned, sorted);
    EXPECT_EQ(twice, sorted);
    auto changed = sorted;
    changed.set("b", "3");
    changed.set("0", "first");
    const Labels wanted{{"0", "first"}, {"a", "1"}, {"b", "3"}};
    EXPECT_EQ(changed, wanted);
    EXPECT_LT(wanted, sorted);
}

}  // namespace
}  // namespace nodenap::test
