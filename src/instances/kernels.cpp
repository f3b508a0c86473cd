#include "aprender/instantiate.hpp"

APRENDER_INSTANTIATE_KERNELS
