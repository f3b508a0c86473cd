#include "aprender/instances.hpp"

APRENDER_INSTANTIATE_KERNELS
