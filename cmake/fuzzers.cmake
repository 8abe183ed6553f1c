# One program for each tests/fuzz/*_fuzzer.cpp, and `fuzzers`: all of them. The fuzzed code is built
# here again, as one library of only the files that parse external data, so that a cold build is
# fast.

nodenap_glob(
    fuzzed
    src/base/*.cpp
    src/model/*.cpp
    src/scheduling/*.cpp
    src/decide/*.cpp
    src/cost/*.cpp
    src/doctor/checks*.cpp
    src/adapters/store/item.cpp
    src/controller/memory.cpp
    src/controller/trigger.cpp
    src/adapters/aws/errors.cpp
    src/adapters/json/*.cpp
    src/doctor/answers.cpp
    src/adapters/aws/ec2_answers.cpp
    src/adapters/http/*.cpp
    src/adapters/lambda/*.cpp
    src/adapters/kubernetes/*.cpp
    src/adapters/aws/profile_files.cpp
    src/adapters/prometheus/[jmnpquw]*.cpp
    src/adapters/store/dynamodb_json.cpp
    src/adapters/store/sqlite_item.cpp
    src/app/config*.cpp
    src/app/hooks_on.cpp
    src/app/cli/simulate_scenario.cpp
    src/sim/faults/faults.cpp
    src/sim/world/random.cpp
    src/sim/scenario.cpp)
list(FILTER fuzzed EXCLUDE REGEX "/config_prices.cpp$")

add_library(nodenap_fuzzed STATIC ${fuzzed} "${embedded}")
target_link_libraries(
    nodenap_fuzzed PUBLIC nodenap_options lib_curl lib_openssl lib_simdjson lib_pugixml lib_json
                          lib_toml lib_fmt)
add_custom_target(fuzzers)
add_library(nodenap_fuzz_entry OBJECT tests/fuzz/entry.cpp)
target_include_directories(nodenap_fuzz_entry PRIVATE "${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(nodenap_fuzz_entry PRIVATE nodenap_options)

function(nodenap_fuzzer name source)
    add_executable(${name} "${source}" $<TARGET_OBJECTS:nodenap_fuzz_entry>)
    target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
    target_link_libraries(${name} PRIVATE nodenap_fuzzed)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers ${name})
endfunction()

nodenap_glob(sources tests/fuzz/*_fuzzer.cpp)
foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME_WE)
    nodenap_fuzzer(${name} "${source}")
endforeach()
nodenap_fuzzer(twin "${CMAKE_SOURCE_DIR}/tests/fuzz/twin.cpp")
