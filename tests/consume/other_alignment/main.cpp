// Would free what the library allocated in another way.
#include "aprender/archive.hpp"

int main(int, char** arguments) { return aprender::ModelArchive::load(arguments[0]).has_value() ? 1 : 0; }
