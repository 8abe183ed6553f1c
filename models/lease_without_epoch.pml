/* Must fail: lease.pml with the usual lease, which ends but fences nothing. A pass that slept
 * through its lease writes after a newer one has: spin finds I6 broken. */
#define WITHOUT_EPOCH
#include "lease.pml"
