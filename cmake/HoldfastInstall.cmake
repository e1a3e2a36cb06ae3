# cmake --install: headers, libraries, and the package that find_package(holdfast) finds.
set(holdfast_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/holdfast)
set(holdfast_targets holdfast_store holdfast_exchange holdfast_text)
set(holdfast_rooms checkpoint text)
if(TARGET holdfast_checkpoint)
  list(APPEND holdfast_targets holdfast_checkpoint)
endif()
if(TARGET holdfast_trainer)
  list(APPEND holdfast_targets holdfast_trainer)
  list(APPEND holdfast_rooms trainer)
endif()

install(TARGETS ${holdfast_targets} EXPORT holdfastTargets)
install(EXPORT holdfastTargets NAMESPACE holdfast:: DESTINATION ${holdfast_package_dir})
# All headers but those that show HDF5 or the JSON parser, which no user of the library has to have in reach, and
# those that are parts of the exchange's files.
foreach(room IN LISTS holdfast_rooms)
  install(DIRECTORY ${room}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/holdfast/${room}
          FILES_MATCHING PATTERN "*.h"
          REGEX "/format/(hdf5.*|memory_driver|reading_driver|json_document|json_members|json_object)\\.h$" EXCLUDE
          REGEX "/exchange/(file_ranges|imported_optimizer|isolated|manifest_entry|model_naming|npy|optimizer_rules|pickle_.*|reading|sources|spool|state_dict|view_overlap|zip_.*)\\.h$" EXCLUDE)
endforeach()

configure_package_config_file(cmake/holdfastConfig.cmake.in "${PROJECT_BINARY_DIR}/holdfastConfig.cmake"
  INSTALL_DESTINATION ${holdfast_package_dir})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/holdfastConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/holdfastConfig.cmake" "${PROJECT_BINARY_DIR}/holdfastConfigVersion.cmake"
              cmake/FindLibzip.cmake cmake/FindxxHash.cmake
        DESTINATION ${holdfast_package_dir})
