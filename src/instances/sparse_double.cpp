#include "aprender/instances.hpp"

APRENDER_INSTANTIATE(SparseDouble)
