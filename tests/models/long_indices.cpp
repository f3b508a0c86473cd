// The solvers for sparse matrices with long indices, of which sparse_test.cpp has some.
#include "aprender/instantiate.hpp"

APRENDER_INSTANTIATE_SPARSE(double, long)
