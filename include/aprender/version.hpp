/// The library's version, written here once; CMake reads it from this file.
#pragma once

#define APRENDER_VERSION_MAJOR 0
#define APRENDER_VERSION_MINOR 1
#define APRENDER_VERSION_PATCH 0
#define APRENDER_VERSION "0.1.0"
