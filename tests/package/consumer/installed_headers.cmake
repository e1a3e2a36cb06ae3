# Every installed header compiles by itself and shows no library that its user need not have. Those of
# the rooms without LibTorch are compiled one by one, with nothing in reach but holdfast::store; the
# others, which take long, in one source.
get_target_property(include_directory holdfast::store INTERFACE_INCLUDE_DIRECTORIES)
file(GLOB_RECURSE headers RELATIVE "${include_directory}" CONFIGURE_DEPENDS "${include_directory}/holdfast/*.h")
foreach(header IN LISTS headers)
  file(STRINGS "${include_directory}/${header}" private REGEX "#include *<(hdf5|H5|tbb|oneapi|nlohmann|yaml-cpp|xxhash|zip|zlib)")
  if(private)
    message(FATAL_ERROR "${header} is installed but has ${private}")
  endif()
endforeach()

set(store_rooms "(text|checkpoint/(base|exchange|format|io|load|save|store))/")
set(store_headers ${headers})
list(FILTER store_headers INCLUDE REGEX "${store_rooms}")
list(FILTER headers EXCLUDE REGEX "${store_rooms}")
if(NOT store_headers OR NOT headers)
  message(FATAL_ERROR "no headers are installed in ${include_directory}")
endif()

# one_source(TARGET NAME HEADER…): adds NAME.cpp, which includes these, to the target.
function(one_source target name)
  list(TRANSFORM ARGN REPLACE "(.+)" "#include <\\1>" OUTPUT_VARIABLE includes)
  list(JOIN includes "\n" includes)
  file(CONFIGURE OUTPUT "${name}.cpp" CONTENT "@includes@\n" @ONLY)
  target_sources(${target} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp")
endfunction()

add_library(store_headers OBJECT)
target_link_libraries(store_headers PRIVATE holdfast::store)
target_compile_options(store_headers PRIVATE -Wall -Wextra -Werror)
foreach(header IN LISTS store_headers)
  string(MAKE_C_IDENTIFIER "${header}" name)
  one_source(store_headers ${name} "${header}" "${header}")
endforeach()

add_library(torch_headers OBJECT)
target_link_libraries(torch_headers PRIVATE holdfast::trainer)
one_source(torch_headers torch_headers ${headers})
