# What `cmake --install` installs: headers, libraries, and the package for find_package(holdfast). The package has a
# component for each library. Each has an export of its own, so that a component asks only for what its library needs.
include(CMakePackageConfigHelpers)
set(holdfast_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/holdfast)

# Each component comes after those that it needs. The rooms are the folders of the headers.
set(holdfast_components text store exchange)
set(holdfast_rooms checkpoint text)
if(TARGET holdfast_checkpoint)
  list(APPEND holdfast_components checkpoint)
endif()
if(TARGET holdfast_trainer)
  list(APPEND holdfast_components trainer)
  list(APPEND holdfast_rooms trainer)
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

# These headers are not installed: those that include HDF5 or the JSON parser, which a user of the library need not
# have, and those that are internal.
set(holdfast_private_headers
  "format/(hdf5|json)/.*"
  "exchange/(manifest_entry|formats/npy|optimizer/(imported|rules)|values/(dtype_names|sources|view_overlap)|(files|models|pickle|zip)/.*)"
  "state/(capture|component|components|gradient|known_optimizers|library_mode|member_names|module_gradients|module_members|module_modes|object_failure|optimizer_archive|optimizer_state|own_values|parameter_names|state_restore|stored_state|tensor_source|tied_tensors|torch_version|value_tree)"
  "trainer/(checkpoint_options|config_changes|config_check|config_reader|config_visitor|glob|metrics_log|nearest|roll_backs|yaml)")
list(JOIN holdfast_private_headers "|" holdfast_private_headers)
foreach(room IN LISTS holdfast_rooms)
  install(DIRECTORY ${room}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/holdfast/${room}
          COMPONENT holdfast_development
          FILES_MATCHING PATTERN "*.h" REGEX "/(${holdfast_private_headers})\\.h$" EXCLUDE)
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
