# Writes embedded.cpp: the instance-type catalogue, AWS's prices and Amazon's few root
# certificates, inside the program, so that the zip needs no second file. Run as a script it
# writes; included, it adds the rule that runs it.

set(NODENAP_ROOTS Amazon_Root_CA_1 Amazon_Root_CA_2 Amazon_Root_CA_3 Amazon_Root_CA_4
                  Starfield_Services_Root_Certificate_Authority_-_G2)

if(CMAKE_SCRIPT_MODE_FILE)
    file(READ "${CATALOGUE}" catalogue)
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
        "std::string_view embedded_prices() {\n"
        "    return R\"nodenap(${prices})nodenap\";\n"
        "}\n\n"
        "std::string_view embedded_root_certificates() {\n"
        "    return R\"nodenap(${roots})nodenap\";\n"
        "}\n\n"
        "}  // namespace nodenap\n")
    return()
endif()

# Debian's ca-certificates; a directory of another system can be given.
set(NODENAP_ROOTS_DIR "/usr/share/ca-certificates/mozilla"
    CACHE PATH "Where the root certificates are read from")

function(nodenap_embed output)
    set(catalogue "${CMAKE_SOURCE_DIR}/data/ec2-instance-types.json")
    set(prices "${CMAKE_SOURCE_DIR}/data/aws-prices.json")
    list(TRANSFORM NODENAP_ROOTS REPLACE "(.+)" "${NODENAP_ROOTS_DIR}/\\1.crt"
                                 OUTPUT_VARIABLE root_files)
    add_custom_command(
        OUTPUT "${output}"
        COMMAND "${CMAKE_COMMAND}" "-DCATALOGUE=${catalogue}" "-DPRICES=${prices}"
                "-DROOTS_DIR=${NODENAP_ROOTS_DIR}" "-DOUTPUT=${output}"
                -P "${CMAKE_SOURCE_DIR}/cmake/embed.cmake"
        DEPENDS "${catalogue}" "${prices}" ${root_files} "${CMAKE_SOURCE_DIR}/cmake/embed.cmake"
        COMMENT "Embedding the catalogue, prices and the root certificates"
        VERBATIM)
endfunction()
