#pragma once

#include "app/config.hpp"

namespace nodenap {

/// What a test of the lab breaks on purpose: NODENAP_TEST_KILL_AT and NODENAP_TEST_CLOCK_OFF_S.
/// A program is linked with one of two files: hooks_on.cpp, in programs that are made for tests and
/// never ship, or hooks_off.cpp, which reads nothing.
void read_test_hooks(const Lookup& lookup, Environment& environment);

}  // namespace nodenap
