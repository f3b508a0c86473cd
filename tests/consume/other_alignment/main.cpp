// Would free what the library allocated in another way.
#define APRENDER_SOLVERS_ELSEWHERE  // fits nothing
#include "aprender/archive.hpp"

int main(int, char** arguments) { return aprender::ModelArchive::load(arguments[0]).has_value() ? 1 : 0; }
