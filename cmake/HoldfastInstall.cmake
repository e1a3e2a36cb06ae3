# cmake --install: headers, libraries, and the package that find_package(holdfast) finds. The package has a
# component for each library, with an export of its own, so that it asks only for what that library needs.
include(CMakePackageConfigHelpers)
set(holdfast_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/holdfast)

# In this order, each after those that it needs. The rooms are where their headers are.
set(holdfast_components text store exchange)
set(holdfast_rooms checkpoint text)
if(TARGET holdfast_checkpoint)
  list(APPEND holdfast_components checkpoint)
endif()
if(TARGET holdfast_trainer)
  list(APPEND holdfast_components trainer)
  list(APPEND holdfast_rooms trainer)
endif()

foreach(component IN LISTS holdfast_components)
  install(TARGETS holdfast_${component} EXPORT holdfast_${component})
  install(EXPORT holdfast_${component} NAMESPACE holdfast:: DESTINATION ${holdfast_package_dir}
          FILE holdfast_${component}.cmake)
endforeach()

# All headers but those that show HDF5 or the JSON parser, which no user of the library has to have in reach, and
# those that are parts of what the others offer.
set(holdfast_private_headers
  "format/(hdf5|json)/.*"
  "exchange/(manifest_entry|formats/npy|optimizer/(imported|rules)|values/(dtype_names|sources|view_overlap)|(files|models|pickle|zip)/.*)"
  "state/(capture|component|components|gradient|known_optimizers|library_mode|member_names|module_gradients|module_members|module_modes|object_failure|optimizer_archive|optimizer_state|own_values|parameter_names|state_restore|stored_state|tensor_source|tied_tensors|torch_version|value_tree)"
  "trainer/(config_changes|config_check|config_reader|config_visitor|glob|metrics_log|nearest|yaml)")
list(JOIN holdfast_private_headers "|" holdfast_private_headers)
foreach(room IN LISTS holdfast_rooms)
  install(DIRECTORY ${room}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/holdfast/${room}
          FILES_MATCHING PATTERN "*.h" REGEX "/(${holdfast_private_headers})\\.h$" EXCLUDE)
endforeach()

# What a program that links a library has to find: a shared library brings what it links itself, and what is only
# compiled in (nlohmann_json) is in neither. LibTorch is always needed, as headers show it.
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
        DESTINATION ${holdfast_package_dir})
