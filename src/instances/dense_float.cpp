#include "aprender/instances.hpp"

APRENDER_INSTANTIATE(DenseDesign<float>)
