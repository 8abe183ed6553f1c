# Compiler flags of all project files. Assertions stay enabled in releases: no preset defines
# NDEBUG.

add_library(nodenap_options INTERFACE)
target_include_directories(nodenap_options INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_definitions(nodenap_options INTERFACE _GLIBCXX_ASSERTIONS)
target_compile_options(
    nodenap_options
    INTERFACE -Wall
              -Wextra
              -Wpedantic
              -Wshadow
              -Wconversion
              -Wcast-qual
              -Wformat=2
              -Wnon-virtual-dtor
              -Wold-style-cast
              -Woverloaded-virtual
              -Wundef
              -Wextra-semi
              -Werror
              # Designated initialisers may omit members with defaults.
              -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # In g++ 12, -Wrestrict has false positives for std::string's operator+ (GCC bug 105651), and
    # -Wmaybe-uninitialized for moves of a std::variant, as in Result; clang-tidy and the sanitizers
    # find such bugs.
    target_compile_options(
        nodenap_options INTERFACE -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wno-restrict
                                  -Wno-maybe-uninitialized)
endif()
# No path of the build machine gets into a program.
target_compile_options(nodenap_options INTERFACE "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
if(NODENAP_DEPS)
    target_compile_options(nodenap_options INTERFACE "-ffile-prefix-map=${NODENAP_DEPS}/=")
endif()

if(NODENAP_SANITIZE)
    target_compile_options(
        nodenap_options INTERFACE "-fsanitize=${NODENAP_SANITIZE}" -fno-sanitize-recover=all
                                  -fno-omit-frame-pointer)
    target_link_options(nodenap_options INTERFACE "-fsanitize=${NODENAP_SANITIZE}")
endif()

if(NODENAP_STATIC)
    # The same hardening as in tools/static.sh: position independent, read-only where possible.
    target_compile_options(nodenap_options INTERFACE -ffunction-sections -fdata-sections -fPIE
                                                     -fstack-protector-strong)
    target_compile_definitions(nodenap_options INTERFACE _FORTIFY_SOURCE=2)
    target_link_options(nodenap_options INTERFACE -static-pie -s -Wl,--gc-sections
                        -Wl,--build-id=none -Wl,-z,relro,-z,now,-z,noexecstack)
endif()

# Objects with LTO information in addition to machine code: programs are linked from the latter, and
# the former is only compared (nodenap_one_definition).
if(NODENAP_ONE_DEFINITION)
    target_compile_options(nodenap_options INTERFACE -flto -ffat-lto-objects)
    target_link_options(nodenap_options INTERFACE -fno-lto)
endif()

# ccache, keyed without the directory, so that other clones use it too.
find_program(NODENAP_CCACHE ccache)
if(NODENAP_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1
        "${NODENAP_CCACHE}")
endif()
