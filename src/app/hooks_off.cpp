#include "app/hooks.hpp"

namespace nodenap {

void read_test_hooks(const Lookup&, Environment&) {}

}  // namespace nodenap
