# What `cmake --install` installs: headers, libraries, and the package for find_package(holdfast). The package has a
# component for each library. Each has an export of its own, so that a component asks only for what its library needs.
include(CMakePackageConfigHelpers)
set(holdfast_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/holdfast)

# Each component comes after those that it needs.
set(holdfast_components text store exchange)
if(TARGET holdfast_checkpoint)
  list(APPEND holdfast_components checkpoint)
endif()
if(TARGET holdfast_trainer)
  list(APPEND holdfast_components trainer)
endif()

# CMake's own components say which Debian package a file goes to (HoldfastPackages.cmake): a shared library that links
# LibTorch is not in the one that the tool needs.
foreach(component IN LISTS holdfast_components)
  set(runtime holdfast_runtime)
  if(component MATCHES "^(checkpoint|trainer)$")
    set(runtime holdfast_torch_runtime)
  endif()
  install(TARGETS holdfast_${component} EXPORT holdfast_${component}
          LIBRARY COMPONENT ${runtime} NAMELINK_COMPONENT holdfast_development
          ARCHIVE COMPONENT holdfast_development)
  install(EXPORT holdfast_${component} NAMESPACE holdfast:: DESTINATION ${holdfast_package_dir}
          FILE holdfast_${component}.cmake COMPONENT holdfast_development)
endforeach()

include(HoldfastPublicHeaders)
set(holdfast_public ${holdfast_doors})
if(NOT TARGET holdfast_trainer)
  list(FILTER holdfast_public EXCLUDE REGEX "^trainer/")
endif()
if(NOT TARGET holdfast_checkpoint)
  holdfast_with_torch("${holdfast_public}" holdfast_torch_headers)
  list(REMOVE_ITEM holdfast_public ${holdfast_torch_headers})
endif()
holdfast_closure_of("${holdfast_public}" holdfast_public)
foreach(header IN LISTS holdfast_public)
  get_filename_component(folder "${header}" DIRECTORY)
  if(header STREQUAL "checkpoint/holdfast.h")
    set(folder "")
  endif()
  install(FILES "${header}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/holdfast/${folder}"
          COMPONENT holdfast_development)
endforeach()

# The packages that a program must find to link a library. A shared library has linked them itself, so they are needed
# for static libraries only. nlohmann_json is header-only, and in no public header. LibTorch is always needed, since
# public headers include it (holdfastConfig.cmake.in).
get_target_property(holdfast_library_type holdfast_store TYPE)
if(holdfast_library_type STREQUAL "STATIC_LIBRARY")
  set(holdfast_needs_store "HDF5 TBB Threads xxHash")
  set(holdfast_needs_exchange Libzip)
  set(holdfast_needs_trainer "yaml-cpp ZLIB")
endif()
configure_package_config_file(cmake/holdfastConfig.cmake.in "${PROJECT_BINARY_DIR}/holdfastConfig.cmake"
  INSTALL_DESTINATION ${holdfast_package_dir} NO_CHECK_REQUIRED_COMPONENTS_MACRO NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/holdfastConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/holdfastConfig.cmake" "${PROJECT_BINARY_DIR}/holdfastConfigVersion.cmake"
              cmake/FindLibzip.cmake cmake/FindxxHash.cmake
        DESTINATION ${holdfast_package_dir} COMPONENT holdfast_development)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/doc/holdfast"
        COMPONENT holdfast_license)
