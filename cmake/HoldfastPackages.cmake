# cpack: Debian packages of what cmake --install installs. docs/packages.md says which there are and what they need.
# Their places are Debian's if the tree was configured with the preset "package"; scripts/package does it all.
set(holdfast_debian_version ${PROJECT_VERSION}-1)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME holdfast)
set(CPACK_PACKAGE_VENDOR Holdfast)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # else it is put above the summary of each package
set(CPACK_PACKAGE_CONTACT "Holdfast developers <developers@holdfast.invalid>")
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL holdfast_development)
if(EXISTS "${PROJECT_SOURCE_DIR}/LICENSE")
  set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
endif()

# The changelog that Debian wants in each package.
set(HOLDFAST_PACKAGE_DATE "$ENV{SOURCE_DATE_EPOCH}" CACHE STRING "What its date is, in seconds since 1970; empty: now")
if(NOT HOLDFAST_PACKAGE_DATE STREQUAL "")
  set(ENV{SOURCE_DATE_EPOCH} ${HOLDFAST_PACKAGE_DATE})
endif()
find_program(HOLDFAST_GZIP gzip REQUIRED)
mark_as_advanced(HOLDFAST_GZIP)
string(TIMESTAMP holdfast_package_date "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(cmake/debian/changelog.in "${PROJECT_BINARY_DIR}/debian/changelog" @ONLY)
execute_process(COMMAND "${HOLDFAST_GZIP}" --best --no-name --stdout "${PROJECT_BINARY_DIR}/debian/changelog"
                OUTPUT_FILE "${PROJECT_BINARY_DIR}/debian/changelog.Debian.gz" COMMAND_ERROR_IS_FATAL ANY)

# holdfast_debian_package(component NAME … SECTION … SUMMARY … DESCRIPTION … [LINKS] [DEPENDS …] [RECOMMENDS …]
#                         [SUGGESTS …]): what the component installs is a package. LINKS: its dependencies are also
# what dpkg-shlibdeps finds that its programs and libraries link.
function(holdfast_debian_package component)
  cmake_parse_arguments(arg "LINKS" "NAME;SECTION;SUMMARY;DESCRIPTION" "DEPENDS;RECOMMENDS;SUGGESTS" ${ARGN})
  string(TOUPPER ${component} key)
  foreach(list IN ITEMS DEPENDS RECOMMENDS SUGGESTS)
    list(JOIN arg_${list} ", " packages)
    set(CPACK_DEBIAN_${key}_PACKAGE_${list} "${packages}" PARENT_SCOPE)
  endforeach()
  set(CPACK_DEBIAN_${key}_PACKAGE_NAME ${arg_NAME} PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_SECTION ${arg_SECTION} PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_DESCRIPTION "${arg_SUMMARY}\n${arg_DESCRIPTION}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_SHLIBDEPS ${arg_LINKS} PARENT_SCOPE)
  install(FILES cmake/debian/copyright "${PROJECT_BINARY_DIR}/debian/changelog.Debian.gz"
          DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${arg_NAME} COMPONENT ${component} EXCLUDE_FROM_ALL)
endfunction()

# What is compiled against a library of this minor version may not work with another one.
function(holdfast_same_minor result package version)
  if(NOT version MATCHES "^([0-9]+)\\.([0-9]+)")
    message(FATAL_ERROR "the version of what is in ${package} is not known, but \"${version}\"")
  endif()
  math(EXPR next "${CMAKE_MATCH_2} + 1")
  set(${result} "${package} (>= ${CMAKE_MATCH_0})" "${package} (<< ${CMAKE_MATCH_1}.${next}~)" PARENT_SCOPE)
endfunction()

# Lines of at most 80 bytes, as Debian wants them.
set(about "Holdfast saves the whole state of a training in C++ on LibTorch, so that one
that is killed at any instant goes on as if it never had been, bit for bit.
Checkpoints are plain HDF5.
")

# A program that links a static library links what is in there, too. Of shared ones it needs the headers of LibTorch.
set(static_needs libtbb-dev libxxhash-dev libzip-dev)
holdfast_same_minor(needs libhdf5-dev "${HDF5_VERSION}")
list(APPEND static_needs ${needs})
set(development_needs "")
set(development_recommends "")
if(TARGET holdfast_checkpoint)
  holdfast_same_minor(development_needs libtorch-dev "${Torch_VERSION}")
  list(APPEND development_recommends libopenblas0)  # without it LibTorch multiplies some 40 times slower
endif()
if(TARGET holdfast_trainer)
  holdfast_same_minor(needs libyaml-cpp-dev "${yaml-cpp_VERSION}")
  list(APPEND static_needs ${needs} zlib1g-dev)
endif()

if(holdfast_library_type STREQUAL "STATIC_LIBRARY")
  list(APPEND development_needs ${static_needs})
else()
  # The ABI is that of a minor version, as SOVERSION says; the package has its number.
  set(abi ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  # So that dpkg-shlibdeps finds this package for programs of others.
  set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
  set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
  # Where it finds ours itself; which package these are in is said by hand below.
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS
      "${PROJECT_BINARY_DIR}/text" "${PROJECT_BINARY_DIR}/checkpoint" "${PROJECT_BINARY_DIR}/checkpoint/exchange")
  set(this_runtime "libholdfast${abi} (= ${holdfast_debian_version})")
  list(APPEND CPACK_COMPONENTS_ALL holdfast_runtime)
  list(APPEND development_needs "${this_runtime}")
  holdfast_debian_package(holdfast_runtime LINKS NAME libholdfast${abi} SECTION libs
    SUMMARY "checkpoints and exact resume for C++ training (libraries)"
    DESCRIPTION "${about}.\nThe libraries that know nothing of LibTorch.")
  if(TARGET holdfast_checkpoint)
    list(APPEND CPACK_COMPONENTS_ALL holdfast_torch_runtime)
    list(APPEND development_needs "libholdfast-torch${abi} (= ${holdfast_debian_version})")
    holdfast_debian_package(holdfast_torch_runtime LINKS NAME libholdfast-torch${abi} SECTION libs
      SUMMARY "checkpoints and exact resume for C++ training (libraries on LibTorch)"
      DESCRIPTION "${about}.\nThe libraries that link LibTorch."
      DEPENDS "${this_runtime}")
  endif()
endif()

holdfast_debian_package(holdfast_development NAME libholdfast-dev SECTION libdevel
  SUMMARY "checkpoints and exact resume for C++ training (development files)"
  DESCRIPTION "${about}.\nHeaders, libraries, and what CMake's find_package(holdfast) finds."
  DEPENDS ${development_needs} RECOMMENDS ${development_recommends} SUGGESTS cmake)
if(TARGET holdfast_tool)
  list(APPEND CPACK_COMPONENTS_ALL holdfast_tool)
  holdfast_debian_package(holdfast_tool LINKS NAME holdfast SECTION science
    SUMMARY "checkpoints and exact resume for C++ training (command line tool)"
    DESCRIPTION "${about}.\nThe tool that lists, shows, verifies, compares and converts checkpoints, and
that starts a training again until it is done. It needs no LibTorch."
    DEPENDS ${this_runtime} SUGGESTS bash-completion)
endif()
include(CPack)
