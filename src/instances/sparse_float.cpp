#include "aprender/instantiate.hpp"

APRENDER_INSTANTIATE_SPARSE(float, int)
