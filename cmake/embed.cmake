# Writes embedded.cpp: the instance-type catalogue, the regions' types, AWS's prices and Amazon's
# root certificates, inside the program, so that the zip needs no second file; and
# embedded_page.cpp, the page of `nodenap simulate --html` and the file of `nodenap config init`, for
# the command only. Run as a script it writes; included, it adds the rules that run it.

set(NODENAP_ROOTS Amazon_Root_CA_1 Amazon_Root_CA_2 Amazon_Root_CA_3 Amazon_Root_CA_4
                  Starfield_Services_Root_Certificate_Authority_-_G2)

# The page and its parts, inserted at their @names@ in page.html.
set(NODENAP_PAGE page.html page.css text.js plot.js marks.js cursor.js tables.js main.js)

if(CMAKE_SCRIPT_MODE_FILE AND PAGE_DIR)
    file(READ "${PAGE_DIR}/page.html" page)
    file(READ "${EXAMPLE}" example)
    foreach(name IN LISTS NODENAP_PAGE)
        file(READ "${PAGE_DIR}/${name}" part)
        string(REPLACE "@${name}@" "${part}" page "${page}")
    endforeach()
    file(
        WRITE "${OUTPUT}"
        "// Written by cmake/embed.cmake.\n"
        "#include \"app/cli/embedded_page.hpp\"\n\n"
        "namespace nodenap {\n\n"
        "std::string_view embedded_page() {\n"
        "    return R\"nodenap(${page})nodenap\";\n"
        "}\n\n"
        "std::string_view embedded_example() {\n"
        "    return R\"nodenap(${example})nodenap\";\n"
        "}\n\n"
        "}  // namespace nodenap\n")
    return()
endif()

if(CMAKE_SCRIPT_MODE_FILE)
    file(READ "${CATALOGUE}" catalogue)
    file(READ "${REGIONS}" regions)
    file(READ "${PRICES}" prices)
    set(roots "")
    foreach(name IN LISTS NODENAP_ROOTS)
        file(READ "${ROOTS_DIR}/${name}.crt" pem)
        string(STRIP "${pem}" pem)
        string(APPEND roots "${pem}\n")
    endforeach()
    file(
        WRITE "${OUTPUT}"
        "// Written by cmake/embed.cmake.\n"
        "#include \"app/embedded.hpp\"\n\n"
        "namespace nodenap {\n\n"
        "std::string_view embedded_instance_types() {\n"
        "    return R\"nodenap(${catalogue})nodenap\";\n"
        "}\n\n"
        "std::string_view embedded_regions() {\n"
        "    return R\"nodenap(${regions})nodenap\";\n"
        "}\n\n"
        "std::string_view embedded_prices() {\n"
        "    return R\"nodenap(${prices})nodenap\";\n"
        "}\n\n"
        "std::string_view embedded_root_certificates() {\n"
        "    return R\"nodenap(${roots})nodenap\";\n"
        "}\n\n"
        "}  // namespace nodenap\n")
    return()
endif()

# Debian's ca-certificates; another directory can be given.
set(NODENAP_ROOTS_DIR "/usr/share/ca-certificates/mozilla"
    CACHE PATH "Where the root certificates are read from")

function(nodenap_embed output)
    set(catalogue "${CMAKE_SOURCE_DIR}/data/ec2-instance-types.json")
    set(regions "${CMAKE_SOURCE_DIR}/data/ec2-regions.json")
    set(prices "${CMAKE_SOURCE_DIR}/data/aws-prices.json")
    list(TRANSFORM NODENAP_ROOTS REPLACE "(.+)" "${NODENAP_ROOTS_DIR}/\\1.crt"
                                 OUTPUT_VARIABLE root_files)
    add_custom_command(
        OUTPUT "${output}"
        COMMAND "${CMAKE_COMMAND}" "-DCATALOGUE=${catalogue}" "-DREGIONS=${regions}" "-DPRICES=${prices}"
                "-DROOTS_DIR=${NODENAP_ROOTS_DIR}" "-DOUTPUT=${output}"
                -P "${CMAKE_SOURCE_DIR}/cmake/embed.cmake"
        DEPENDS "${catalogue}" "${regions}" "${prices}" ${root_files} "${CMAKE_SOURCE_DIR}/cmake/embed.cmake"
        COMMENT "Embedding the catalogue, regions, prices and the root certificates"
        VERBATIM)
endfunction()

function(nodenap_embed_page output)
    set(folder "${CMAKE_SOURCE_DIR}/src/app/cli/page")
    set(example "${CMAKE_SOURCE_DIR}/docs/nodenap.example.toml")
    list(TRANSFORM NODENAP_PAGE PREPEND "${folder}/" OUTPUT_VARIABLE parts)
    add_custom_command(
        OUTPUT "${output}"
        COMMAND "${CMAKE_COMMAND}" "-DPAGE_DIR=${folder}" "-DEXAMPLE=${example}"
                "-DOUTPUT=${output}"
                -P "${CMAKE_SOURCE_DIR}/cmake/embed.cmake"
        DEPENDS ${parts} "${example}" "${CMAKE_SOURCE_DIR}/cmake/embed.cmake"
        COMMENT "Embedding the page of nodenap simulate and the example configuration"
        VERBATIM)
endfunction()
