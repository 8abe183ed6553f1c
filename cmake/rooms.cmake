# The folders of src/, each a library that may link only folders below it, and the two programs.

# nodenap_room(<name> SOURCES <files> LINKS <targets>): a folder without files is skipped.
function(nodenap_room name)
    cmake_parse_arguments(room "" "" "SOURCES;LINKS" ${ARGN})
    if(NOT room_SOURCES)
        return()
    endif()
    add_library(nodenap_${name} STATIC ${room_SOURCES})
    nodenap_link(nodenap_${name} PUBLIC nodenap_options ${room_LINKS})
    if(NODENAP_STATIC AND name MATCHES "^(adapters|sqlite|app|wire|doctor|cli)$")
        # The adapters wait for the network: the size of the zip matters more than their speed.
        target_compile_options(nodenap_${name} PRIVATE -Os)
    endif()
    if(NODENAP_SANITIZE AND name MATCHES "^(adapters|sqlite|app|wire|doctor|cli)$")
        # It halves compile time; code that runs long in tests is in other folders.
        target_compile_options(nodenap_${name} PRIVATE -O0)
    endif()
    if(NOT name IN_LIST covered_rooms)
        return()
    endif()
    if(NODENAP_COVERAGE)
        # They neither throw nor catch, so exception paths do not count.
        target_compile_options(nodenap_${name} PRIVATE --coverage -fno-exceptions)
        target_link_options(nodenap_${name} PUBLIC --coverage)
    endif()
    if(NODENAP_COVERAGE OR NODENAP_SANITIZE)
        # The linker keeps the first copy of an inline function that a test uses too: it must be the
        # instrumented one.
        target_link_options(
            nodenap_${name} INTERFACE
            "LINKER:--whole-archive,$<TARGET_FILE:nodenap_${name}>,--no-whole-archive")
    endif()
endfunction()

# Links existing targets: a folder without files has none.
function(nodenap_link target scope)
    foreach(library IN LISTS ARGN)
        if(TARGET ${library})
            target_link_libraries(${target} ${scope} ${library})
        endif()
    endforeach()
endfunction()

set(covered_rooms base model scheduling decide controller)

function(nodenap_glob output)
    list(TRANSFORM ARGN PREPEND "${CMAKE_SOURCE_DIR}/")
    file(GLOB files CONFIGURE_DEPENDS ${ARGN})
    set(${output} "${files}" PARENT_SCOPE)
endfunction()

foreach(room IN ITEMS base model scheduling decide controller cost doctor)
    nodenap_glob(${room} src/${room}/*.cpp)
endforeach()
nodenap_glob(adapters src/adapters/*/*.cpp)
nodenap_glob(sqlite src/adapters/store/sqlite*.cpp)
nodenap_glob(sim src/sim/*.cpp src/sim/world/*.cpp src/sim/faults/*.cpp src/sim/checker/*.cpp)
nodenap_glob(wire src/sim/wire/*.cpp)
nodenap_glob(app src/app/*.cpp)
nodenap_glob(cli src/app/cli/*.cpp)
# The function's program must not contain SQLite, so its adapter is a separate library.
list(FILTER adapters EXCLUDE REGEX "/sqlite[^/]*\\.cpp$")
list(FILTER app EXCLUDE REGEX "/(main|wiring|hooks)_[^/]*\\.cpp$")

nodenap_room(base SOURCES ${base})
nodenap_room(model SOURCES ${model} LINKS nodenap_base)
nodenap_room(scheduling SOURCES ${scheduling} LINKS nodenap_model)
nodenap_room(decide SOURCES ${decide} LINKS nodenap_scheduling nodenap_model)
nodenap_room(controller SOURCES ${controller} LINKS nodenap_decide lib_openssl)
nodenap_room(
    adapters
    SOURCES ${adapters}
    LINKS nodenap_controller lib_curl lib_openssl lib_simdjson lib_pugixml lib_json lib_fmt)
nodenap_room(sqlite SOURCES ${sqlite} LINKS nodenap_adapters lib_sqlite lib_fmt)
nodenap_room(sim SOURCES ${sim} LINKS nodenap_adapters nodenap_controller lib_fmt)
nodenap_room(
    wire
    SOURCES ${wire}
    LINKS nodenap_sim nodenap_adapters nodenap_controller lib_json lib_fmt)
nodenap_room(cost SOURCES ${cost} LINKS nodenap_base)
nodenap_room(
    doctor
    SOURCES ${doctor}
    LINKS nodenap_adapters nodenap_controller lib_simdjson lib_pugixml lib_json lib_fmt)
if(app)
    set(embedded "${CMAKE_BINARY_DIR}/embedded.cpp")
    nodenap_embed("${embedded}")
    nodenap_room(
        app
        SOURCES ${app} "${embedded}"
        LINKS nodenap_adapters nodenap_controller nodenap_cost lib_toml lib_json lib_simdjson
              lib_fmt)
endif()
set(embedded_page "${CMAKE_BINARY_DIR}/embedded_page.cpp")
nodenap_embed_page("${embedded_page}")
nodenap_room(
    cli
    SOURCES ${cli} "${embedded_page}" "${CMAKE_SOURCE_DIR}/src/app/wiring_servers.cpp"
    LINKS nodenap_wire nodenap_doctor nodenap_cost nodenap_app nodenap_sqlite nodenap_sim
          nodenap_adapters nodenap_controller lib_cli11 lib_json lib_fmt)

# nodenap_program(<name> <kind> <targets>): main_<kind>.cpp with its wiring, if it exists.
function(nodenap_program name kind)
    nodenap_glob(sources src/app/main_${kind}.cpp src/app/wiring_${kind}*.cpp)
    if(EXISTS "${CMAKE_SOURCE_DIR}/src/app/main_${kind}.cpp")
        add_executable(${name} ${sources})
        nodenap_link(${name} PRIVATE nodenap_options ${ARGN})
    endif()
endfunction()

# Test hooks: no shipped program is linked with the first of the two.
foreach(kind IN ITEMS on off)
    add_library(nodenap_hooks_${kind} OBJECT "${CMAKE_SOURCE_DIR}/src/app/hooks_${kind}.cpp")
    target_link_libraries(nodenap_hooks_${kind} PUBLIC nodenap_options)
endforeach()
set(cli_links nodenap_cli nodenap_app nodenap_sqlite nodenap_sim lib_cli11)
nodenap_program(bootstrap lambda nodenap_app nodenap_hooks_off)
nodenap_program(nodenap cli ${cli_links} nodenap_hooks_off)
# For the lab, which builds these targets.
nodenap_program(bootstrap_with_test_hooks lambda nodenap_app nodenap_hooks_on)
nodenap_program(nodenap_with_test_hooks cli ${cli_links} nodenap_hooks_on)
set_target_properties(bootstrap_with_test_hooks nodenap_with_test_hooks
                      PROPERTIES EXCLUDE_FROM_ALL ON)

# Two types with one name in one program are undefined behaviour that compiling single files cannot
# detect. All objects of the command are merged as for link-time optimisation, without generating
# code.
if(NODENAP_ONE_DEFINITION)
    set(merged "")
    foreach(part IN ITEMS base model scheduling decide controller adapters sqlite sim wire cost
                          doctor app cli hooks_off)
        list(APPEND merged "$<TARGET_OBJECTS:nodenap_${part}>")
    endforeach()
    add_custom_target(
        nodenap_one_definition
        COMMAND "${CMAKE_CXX_COMPILER}" -O0 -flto -Wodr -Werror=odr -r -flinker-output=rel -nostdlib
                ${merged} $<TARGET_OBJECTS:nodenap> -o "${CMAKE_BINARY_DIR}/one_definition.o"
        DEPENDS nodenap
        COMMENT "Comparing the definitions of each type"
        COMMAND_EXPAND_LISTS VERBATIM)
endif()
