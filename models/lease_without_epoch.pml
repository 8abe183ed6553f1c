/* Must fail: lease.pml with a plain lease, which expires but has no fencing token. A pass suspended
 * past its lease writes after a newer one: spin finds I6 broken. */
#define WITHOUT_EPOCH
#include "lease.pml"
