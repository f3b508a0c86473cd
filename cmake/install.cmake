# The install rules and the CMake package: one export set a component, so that a user of the models alone needs none
# of the archive's dependencies.
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/aprender")

install(TARGETS aprender_models EXPORT aprender-models FILE_SET HEADERS FILE_SET internals)
install(EXPORT aprender-models NAMESPACE aprender:: DESTINATION "${package_dir}")
set(built_components models)

set(archive_dependencies "")
if(APRENDER_BUILD_ARCHIVE)
  list(APPEND built_components archive)
  # A shared library brings its own; a static one leaves them to whoever links the program.
  set(archive_dependencies tl-expected)
  get_target_property(archive_type aprender_archive TYPE)
  if(archive_type STREQUAL "STATIC_LIBRARY")
    list(APPEND archive_dependencies Protobuf libzip OpenSSL libdeflate)
  endif()
  install(TARGETS aprender_archive EXPORT aprender-archive FILE_SET HEADERS)
  install(EXPORT aprender-archive NAMESPACE aprender:: DESTINATION "${package_dir}")
  install(FILES "${PROJECT_SOURCE_DIR}/cmake/Findlibdeflate.cmake" "${PROJECT_SOURCE_DIR}/cmake/Findlibzip.cmake"
    DESTINATION "${package_dir}")
endif()
if(APRENDER_BUILD_CLI AND TARGET aprender_cli)
  install(TARGETS aprender_cli)
endif()

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/aprender-config.cmake.in"
  "${PROJECT_BINARY_DIR}/aprender-config.cmake" INSTALL_DESTINATION "${package_dir}"
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/aprender-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/aprender-config.cmake" "${PROJECT_BINARY_DIR}/aprender-config-version.cmake"
  DESTINATION "${package_dir}")
