# Settings of every target: the C++ standard, warnings, sanitizers, include paths, the place of the binaries, and
# how LibTorch is found.

# A project that includes this one sees what is set in the cache. So the cache is set only at the top level.
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_CXX_STANDARD 17 CACHE STRING "C++ standard (LibTorch 2.9 and newer ask for 20)")
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
  endif()
elseif(NOT CMAKE_CXX_STANDARD)
  set(CMAKE_CXX_STANDARD 17)
endif()
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

# Position-independent code, so that a static library of ours can be linked into a shared one: a plug-in, a Python
# module. Programs are compiled in the same way, because all targets share a precompiled header.
add_compile_options(-fPIC)

# Uses ccache if it is installed. It changes no compile option that could change an object.
find_program(HOLDFAST_CCACHE ccache)
mark_as_advanced(HOLDFAST_CCACHE)
if(HOLDFAST_CCACHE AND PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${HOLDFAST_CCACHE})
  add_compile_options(-fpch-preprocess)
endif()

# Sources include <holdfast/checkpoint/…>, the same path as when installed: links make that path in the build tree.
foreach(room IN ITEMS checkpoint text trainer)
  file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/include/holdfast")
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${room}" "${PROJECT_BINARY_DIR}/include/holdfast/${room}" SYMBOLIC)
endforeach()
file(CREATE_LINK "${PROJECT_SOURCE_DIR}/checkpoint/holdfast.h" "${PROJECT_BINARY_DIR}/include/holdfast/holdfast.h" SYMBOLIC)

add_library(holdfast_warnings INTERFACE)
target_compile_options(holdfast_warnings INTERFACE -Wall -Wextra)

add_library(holdfast_sanitizer INTERFACE)
if(HOLDFAST_SANITIZER)
  target_compile_options(holdfast_sanitizer INTERFACE -fsanitize=${HOLDFAST_SANITIZER} -fno-omit-frame-pointer)
  target_link_options(holdfast_sanitizer INTERFACE -fsanitize=${HOLDFAST_SANITIZER})
endif()

# holdfast_library(name ALIAS store SOURCES … PUBLIC libs… PRIVATE libs…)
function(holdfast_library name)
  cmake_parse_arguments(arg "" "ALIAS" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} ${arg_SOURCES})
  add_library(holdfast::${arg_ALIAS} ALIAS ${name})
  # While the major version is 0, each minor version may change the ABI, so it is part of the SOVERSION.
  set_target_properties(${name} PROPERTIES EXPORT_NAME ${arg_ALIAS} VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    INSTALL_RPATH "$ORIGIN" INSTALL_RPATH_USE_LINK_PATH ON
    UNITY_BUILD OFF    # also if a project around this one wants it: file-local names repeat between sources
    DEFINE_SYMBOL "")  # shared and static libraries must be compiled alike, to share the precompiled header
  target_compile_features(${name} PUBLIC cxx_std_17)
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
                                            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${name} PUBLIC ${arg_PUBLIC}
    PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:holdfast_warnings> $<BUILD_INTERFACE:holdfast_sanitizer>)
endfunction()

# One precompiled header of LibTorch serves every target that compiles against it.
function(holdfast_precompile_torch target)
  if(target STREQUAL "holdfast_checkpoint")
    target_precompile_headers(${target} PRIVATE <torch/torch.h>)
  else()
    target_precompile_headers(${target} REUSE_FROM holdfast_checkpoint)
  endif()
endfunction()

# For sources of such a target that include nothing of LibTorch: without the precompiled header they compile faster.
function(holdfast_without_torch)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()

macro(holdfast_find_torch)
  find_package(Torch REQUIRED)
  # Torch's package appends flags to CMAKE_CXX_FLAGS. Those that matter are properties of its target as well.
  set(holdfast_torch_standard 17)
  if(Torch_VERSION VERSION_GREATER_EQUAL 2.9)
    set(holdfast_torch_standard 20)
  endif()
  if(CMAKE_CXX_STANDARD LESS holdfast_torch_standard)
    set(CMAKE_CXX_STANDARD ${holdfast_torch_standard})
  endif()
endmacro()
