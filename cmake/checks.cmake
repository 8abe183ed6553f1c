# Unit tests, one program for one or more folders of tests/, and the benchmarks. A program links its
# rooms and those below, so that work on an upper room never stands in the way of a lower one's tests.

find_package(GTest REQUIRED)
find_package(rapidcheck REQUIRED)
find_package(benchmark REQUIRED)
include(GoogleTest)

function(nodenap_test_program name)
    cmake_parse_arguments(test "" "" "SOURCES;LINKS" ${ARGN})
    if(NOT test_SOURCES)
        return()
    endif()
    add_executable(${name} ${test_SOURCES})
    target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}" "${CMAKE_SOURCE_DIR}/tests")
    target_compile_definitions(${name} PRIVATE NODENAP_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                                               NODENAP_BINARY_DIR="${CMAKE_BINARY_DIR}")
    nodenap_link(${name} PRIVATE nodenap_options ${test_LINKS})
    if(NODENAP_SANITIZE)
        # The sanitizers judge the product: in the tests they would treble the build.
        target_compile_options(${name} PRIVATE -fno-sanitize=all -O0)
    endif()
    target_link_libraries(${name} PRIVATE GTest::gmock_main rapidcheck)
    gtest_discover_tests(
        ${name}
        DISCOVERY_MODE PRE_TEST
        DISCOVERY_TIMEOUT 60
        WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"
        # ctest draws the same cases for the properties each time; by hand, they are fresh.
        PROPERTIES TIMEOUT 400 ENVIRONMENT RC_PARAMS=seed=20261130)
endfunction()

set(decide_folders base model scheduling decide cost)
set(decide_links nodenap_decide nodenap_cost)
set(controller_folders controller)
# Their fake store writes as DynamoDB does: an adapter knows how.
set(controller_links nodenap_adapters nodenap_controller)
set(adapters_folders adapters adapters/*)
set(adapters_links nodenap_sqlite nodenap_adapters nodenap_controller)
set(sim_folders sim sim/*)
set(sim_links nodenap_wire nodenap_sim nodenap_adapters nodenap_controller)
set(app_folders app doctor)
set(app_also tests/adapters/fake_server.cpp tests/adapters/fake_authority.cpp)
set(app_links nodenap_cli nodenap_app nodenap_hooks_on nodenap_doctor ${sim_links} nodenap_sqlite)
foreach(program IN ITEMS decide controller adapters sim app)
    list(TRANSFORM ${program}_folders REPLACE "(.+)" "tests/\\1/*.cpp" OUTPUT_VARIABLE patterns)
    nodenap_glob(sources ${patterns} ${${program}_also})
    nodenap_test_program(nodenap_${program}_tests SOURCES ${sources} LINKS ${${program}_links})
endforeach()

nodenap_glob(loose tests/*_test.cpp)
foreach(source IN LISTS loose)
    get_filename_component(name "${source}" NAME_WE)
    nodenap_test_program(${name} SOURCES "${source}" LINKS nodenap_decide)
endforeach()

# One process of a crowd that counts under the lease; lease_counter_test and the lab start many.
add_executable(nodenap_lease_counter tests/tools/lease_counter_main.cpp)
target_include_directories(nodenap_lease_counter PRIVATE "${CMAKE_SOURCE_DIR}/tests")
nodenap_link(nodenap_lease_counter PRIVATE nodenap_options ${adapters_links} lib_cli11)
add_dependencies(lease_counter_test nodenap_lease_counter)

# Sends what it is told, signed; the lab judges the signatures.
add_executable(nodenap_signed_sender tests/tools/signed_sender_main.cpp)
nodenap_link(nodenap_signed_sender PRIVATE nodenap_options ${adapters_links})

# Our filters beside kube-scheduler's own, on recorded cases.
add_executable(nodenap_fit_cases tests/tools/fit_cases_main.cpp)
target_include_directories(nodenap_fit_cases PRIVATE "${CMAKE_SOURCE_DIR}/tests")
nodenap_link(nodenap_fit_cases PRIVATE nodenap_options nodenap_adapters nodenap_scheduling lib_json)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME recorded_fit_cases
         COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/tests/scheduling/recorded_cases.py"
                 $<TARGET_FILE:nodenap_fit_cases>
                 "${CMAKE_SOURCE_DIR}/tests/fixtures/fit/cases.jsonl.xz")

nodenap_glob(benchmarks bench/*.cpp)
if(benchmarks)
    add_executable(nodenap_bench ${benchmarks})
    nodenap_link(nodenap_bench PRIVATE nodenap_options nodenap_decide)
    target_link_libraries(nodenap_bench PRIVATE benchmark::benchmark_main)
endif()
