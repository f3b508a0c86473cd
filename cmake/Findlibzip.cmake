# libzip through pkg-config: libzip::zip.
#
# The CMake package that Debian ships in libzip-dev cannot be used: its targets name the tools of another package, so
# that find_package(libzip CONFIG) fails where only the library is installed.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(PC_LIBZIP QUIET libzip)
endif()
find_path(libzip_INCLUDE_DIR zip.h HINTS ${PC_LIBZIP_INCLUDE_DIRS})
find_library(libzip_LIBRARY zip HINTS ${PC_LIBZIP_LIBRARY_DIRS})
set(libzip_VERSION "${PC_LIBZIP_VERSION}")
mark_as_advanced(libzip_INCLUDE_DIR libzip_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(libzip REQUIRED_VARS libzip_LIBRARY libzip_INCLUDE_DIR VERSION_VAR libzip_VERSION)

if(libzip_FOUND AND NOT TARGET libzip::zip)
  add_library(libzip::zip UNKNOWN IMPORTED)
  set_target_properties(libzip::zip PROPERTIES IMPORTED_LOCATION "${libzip_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${libzip_INCLUDE_DIR}")
endif()
