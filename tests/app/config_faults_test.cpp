#include "config_file.hpp"

#include "app/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace nodenap {
namespace {

struct FaultCase {
    std::string name;
    std::string old_text;  // of the good file; empty: `new_text` is added at its end
    std::string new_text;
    std::vector<std::string> wanted;  // without "f.toml:"
};

std::string repeated(const std::string& text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

const FaultCase cases[] = {
    {"NotToml", "id = \"prod\"", "id = ", {"2: this is not TOML: "}},
    {"ATableWithoutAName", "[cluster]", "[}luster]", {"1: this is not TOML: "}},
    {"ATableOfTablesWithoutAName", "[[pool]]", "[[)pool]]", {"9: this is not TOML: "}},
    {"NoCharacterOfAName", "[state]", "[\xff]", {"7: this is not TOML: "}},
    {"ANameOfAnotherScript", "[state]", "max_\u0359 = 1\n[state]", {"7: this is not TOML: "}},
    {"ANameOfAnotherScriptBesideATextOfManyLines",
     "[state]",
     "text = \"\"\"\na\"\"\"\n[max_\u025e]\n[state]",
     {"9: this is not TOML: "}},
    {"TooManyParts",
     "",
     "[a" + repeated(".a", 200'000) + "]\nx = 1\n",
     {"16: this is not TOML: a name has too many parts"}},
    {"TooManyPartsOfAKey",
     "",
     "[x]\n\"a\"" + repeated(" . \"a\"", 33) + " = 1\n",
     {"17: this is not TOML: a name has too many parts"}},
    {"KeyTwice", "id = \"prod\"", "id = \"a\"\nid = \"b\"", {"3: this is not TOML: "}},

    {"UnknownTable",
     "",
     "[limit]\nx = 1\n",
     {"16: limit: is not a known key; did you mean \"limits\"?"}},
    {"UnknownKey",
     "",
     "[limits]\nmax_node = 1\n",
     {"17: limits.max_node: is not a known key; did you mean \"max_nodes\"?"}},
    {"UnknownKeyFarFromAny", "", "[limits]\nzzz = 1\n", {"17: limits.zzz: is not a known key"}},
    {"UnknownKeyOfAPool",
     "name = \"workers\"",
     "name = \"workers\"\nsubnet = \"s\"",
     {"11: pool[0].subnet: is not a known key; did you mean \"subnets\"?"}},

    {"WrongType",
     "",
     "[limits]\nmin_nodes = \"2\"\n",
     {"17: limits.min_nodes: must be a whole number, not a string"}},
    {"FractionForWhole",
     "",
     "[limits]\nmin_nodes = 2.5\n",
     {"17: limits.min_nodes: must be a whole number, not a number"}},
    {"TextForNumber",
     "",
     "[scale_up]\ncpu_above_percent = true\n",
     {"17: scale_up.cpu_above_percent: must be a number, not true or false"}},
    {"NotFinite",
     "",
     "[scale_up]\ncpu_above_percent = nan\n",
     {"17: scale_up.cpu_above_percent: must be a finite number"}},
    {"TooLarge",
     "",
     "[limits]\nmax_launches_per_hour = 9000000000\n",
     {"17: limits.max_launches_per_hour: must be at most 1000000000"}},
    {"TooSmallForAnyNumber",
     "",
     "[reserve]\nmemory_mib = -9223372036854775808\n",
     {"17: reserve.memory_mib: must be at most 1000000000"}},
    {"NumberForText",
     "id = \"prod\"",
     "id = 7",
     {"2: cluster.id: must be a string, not a whole number"}},
    {"DateForText",
     "id = \"prod\"",
     "id = 2026-01-01",
     {"2: cluster.id: must be a string, not a date or time"}},
    {"ValueForTable",
     "[cluster]",
     "limits = 3\n[cluster]",
     {"1: limits: must be a table, not a whole number"}},
    {"TextForList",
     "[\"t2.small\"]",
     "\"t2.small\"",
     {"15: pool[0].instance_types: must be a list of strings, not a string"}},
    {"NumberInList",
     "[\"t2.small\"]",
     "[\"t2.small\", 3]",
     {"15: pool[0].instance_types[1]: must be a string, not a whole number"}},
    {"EmptyInList",
     "[\"t2.small\"]",
     "[\n\"t2.small\",\n\"\"]",
     {"17: pool[0].instance_types[1]: must not be empty"}},
    {"Labels",
     "",
     "labels = { tier = 3 }\n",
     {"16: pool[0].labels.tier: must be a string, not a whole number"}},
    {"PoolAsTable", "[[pool]]", "[pool]", {"9: pool: must be written as [[pool]]"}},

    {"DurationWithoutUnit",
     "",
     "[relook]\nevery = \"90\"\n",
     {"17: relook.every: \"90\" is no duration: write \"90s\", \"5m\", \"2h\" or \"1h30m\""}},
    {"DurationAsNumber",
     "",
     "[relook]\nevery = 90\n",
     {"17: relook.every: must be a duration in quotes such as \"90s\" or \"5m\", not a whole "
      "number"}},
    {"Mode",
     "id = \"prod\"",
     "id = \"prod\"\nmode = \"observ\"",
     {"3: cluster.mode: \"observ\" is not one of \"observe\", \"add_only\", \"act\"; did you mean "
      "\"observe\"?"}},
    {"Capacity",
     "",
     "capacity = \"spots\"\n",
     {"16: pool[0].capacity: \"spots\" is not one of \"on-demand\", \"spot\", "
      "\"spot-then-on-demand\"; did you mean \"spot\"?"}},
    {"Victim",
     "",
     "[scale_down]\nvictim = \"youngest\"\n",
     {"17: scale_down.victim: \"youngest\" is not one of \"saving\", \"oldest\", \"cheapest\""}},

    {"Reserved",
     "",
     "weight = 3\n[headroom]\n[[schedule]]\n[[rule]]\n[consolidation]\n[notify]\n",
     {"16: pool[0].weight: is reserved for a later version",
      "17: headroom: is reserved for a later version",
      "18: schedule: is reserved for a later version", "19: rule: is reserved for a later version",
      "20: consolidation: is reserved for a later version",
      "21: notify: is reserved for a later version"}},
    {"Kubernetes",
     "",
     "[kubernetes]\nurl = \"https://10.0.1.10:6443\"\nca_file = \"ca\"\n",
     {"16: kubernetes: not supported by this version"}},
    {"KubernetesFaultsToo",
     "",
     "[kubernetes]\nurl = 3\ntoken = \"t\"\n",
     {"16: kubernetes: not supported by this version",
      "17: kubernetes.url: must be a string, not a whole number",
      "18: kubernetes.token: is not a known key"}},

    {"MissingId", "id = \"prod\"\n", "", {"1: cluster.id: is missing; it has no default"}},
    {"EmptyId", "\"prod\"", "\"\"", {"2: cluster.id: must not be empty"}},
    {"StrangeId", "\"prod\"", "\"pr od\"", {"2: cluster.id: may have at most 64 letters"}},
    {"MissingUrl",
     "url = \"http://10.0.1.10:30090\"\n",
     "",
     {"5: metrics.url: is missing; it has no default"}},
    {"UrlWithoutScheme",
     "http://10.0.1.10:30090",
     "10.0.1.10:30090",
     {"6: metrics.url: must begin with http:// or https://"}},
    {"UrlWithoutHost", "http://10.0.1.10:30090", "http:///x", {"6: metrics.url: names no host"}},
    {"UrlWithPassword",
     "http://10.0",
     "http://me:secret@10.0",
     {"6: metrics.url: must not hold a password: logs would show it"}},
    {"UrlWithTokenInItsQuery",
     "url = \"http://10.0.1.10:30090\"",
     "url = \"http://10.0.1.10:30090/?token=s\"",
     {"6: metrics.url: must end with its path: what follows \"?\" or \"#\""}},
    {"UrlWithPasswordBehindASlash",
     "url = \"http://10.0.1.10:30090\"",
     "url = \"http://us/er:pw@host\"",
     {"6: metrics.url: must not hold a password: logs would show it"}},
    {"MetricsTimes",
     "[state]",
     "timeout = \"16s\"\nmax_age = \"0s\"\n[state]",
     {"7: metrics.timeout: must be above 0s and at most 15s",
      "8: metrics.max_age: must be above 0s"}},
    {"MetricsMatcher",
     "[state]",
     "matcher = \"cluster=prod\"\n[state]",
     {"7: metrics.matcher: needs a value in quotes; write it as cluster=\"prod\", several with "
      "commas between them"}},
    {"BothStates",
     "\"nodenap\"",
     "\"nodenap\"\nsqlite = \"x.db\"",
     {"9: state.sqlite: stands beside dynamodb_table; keep one of the two"}},
    {"Relook",
     "",
     "[relook]\nevery = \"0s\"\nfor = \"101s\"\n",
     {"17: relook.every: must be above 0s", "18: relook.for: must be at most 100s"}},

    {"ZonesAndSubnets",
     "[\"us-east-1a\", \"us-east-1b\"]",
     "[\"us-east-1a\"]",
     {"14: pool[0].zones: names 1 zone for 2 subnets"}},
    {"AnEmptyRegion",
     "region = \"us-east-1\"",
     "region = \"\"",
     {"4: aws.region: must not be empty"}},
    {"ARegionMisspelt",
     "region = \"us-east-1\"",
     "region = \"us-esat-1\"",
     {"4: aws.region: \"us-esat-1\" is no region of AWS by the list of 2026-11; did you mean "
      "\"us-east-1\"?"}},
    {"ANewRegion", "region = \"us-east-1\"", "region = \"us-east-1\"\nunlisted_region = true", {}},
    {"AZoneOfAnotherRegion",
     "\"us-east-1b\"",
     "\"eu-west-1b\"",
     {"14: pool[0].zones[1]: \"eu-west-1b\" is a zone of eu-west-1; the region is us-east-1"}},
    {"ASubnetThatIsNone",
     "\"subnet-0000000a\"",
     "\"sn-1\"",
     {"13: pool[0].subnets[0]: \"sn-1\" does not have the form of an id"}},
    {"ATemplateThatIsNone",
     "\"lt-0123456789abcdef0\"",
     "\"lt-0123456789abcdef0123\"",
     {"11: pool[0].launch_template: \"lt-0123456789abcdef0123\" does not have the form of an id"}},
    {"ATableThatIsNone",
     "\"nodenap\"",
     "\"no table\"",
     {"8: state.dynamodb_table: must have 3 to 255 letters"}},
    {"NoZones",
     "zones = [\"us-east-1a\", \"us-east-1b\"]\n",
     "",
     {"9: pool[0].zones: is missing; it has no default"}},
    {"EmptyPool",
     "",
     "[[pool]]\n",
     {"16: pool[1].name: is missing", "16: pool[1].launch_template: is missing",
      "16: pool[1].launch_template_version: is missing", "16: pool[1].subnets: is missing",
      "16: pool[1].zones: is missing", "16: pool[1].instance_types: is missing"}},
    {"NewType",
     "",
     "[[instance_type]]\nname = \"a.b\"\nvcpu = 0\nmemory_mib = 1\n",
     {"16: instance_type[0].price_per_hour_usd: is missing",
      "18: instance_type[0].vcpu: must be at least 1"}},

    {"RulesOfTheEngine",
     "",
     "min_nodes = 5\nmax_nodes = 4\n[limits]\nmin_nodes = 30\n",
     {"16: pool[0].min_nodes: must not be above the pool's max_nodes",
      "19: limits.min_nodes: must not be above max_nodes",
      "19: limits.min_nodes: is above the sum of the pools' max_nodes"}},
    {"RuleOfAnAbsentKey",
     "",
     "[scale_up]\ncpu_above_percent = 25\n",
     {"1: scale_down.cpu_below_percent: must be below scale_up.cpu_above_percent"}},
    {"UnknownTypes",
     "[\"t2.small\"]",
     "[\"t2.smal\"]",
     {"15: pool[0].instance_types: names t2.smal, which the catalogue does not have"}},
    {"NoPinnedVersion",
     "\"3\"",
     "\"$Latest\"",
     {"12: pool[0].launch_template_version: must be a number"}},

    {"AllAtOnce",
     "[state]",
     "max_ag = \"1m\"\n[x]\n[limits]\nmax_launches_per_pass = 0\n[state]",
     {"7: metrics.max_ag: is not a known key; did you mean \"max_age\"?",
      "8: x: is not a known key", "10: limits.max_launches_per_pass: must be from 1 to 100"}},
};

class ConfigFaults : public testing::TestWithParam<FaultCase> {};

TEST_P(ConfigFaults, AreNamedAllAtOnceWithTheirLines) {
    const std::string text = test::good_with(GetParam().old_text, GetParam().new_text);
    const auto faults = read_config({.file = "f.toml", .text = text}).faults;
    std::vector<testing::Matcher<std::string>> wanted;
    for (const std::string& line : GetParam().wanted) {
        wanted.push_back(testing::StartsWith("f.toml:" + line));
    }
    EXPECT_THAT(faults, testing::ElementsAreArray(wanted)) << text;
}

INSTANTIATE_TEST_SUITE_P(Table, ConfigFaults, testing::ValuesIn(cases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace nodenap
