/* Must fail: the lock of the baseline, as tests/controller/baseline_lock.hpp has it. One boolean
 * without expiry and owner, and a handler that reads before it locks.
 *
 * Without a define no handler crashes, and two delayed runs act on one old decision: I2 is broken.
 * -DCRASH: one handler may crash, the lock is held forever, and every later run skips: L3 is broken.
 */
#define WANTED 1

bool scaling_in_progress;
byte nodes, ended;
#ifdef CRASH
bool mortal = true;
#else
bool mortal = false;
#endif

proctype Handler() {
    bool scale_up;
    if
    :: scaling_in_progress -> goto skipped              // baseline_lock.hpp: in_progress
    :: !scaling_in_progress
    fi;
    scale_up = nodes < WANTED;                          // baseline_lock.hpp: baseline_handler
    if
    :: !scale_up -> goto skipped
    :: scale_up
    fi;
    atomic {                                            // baseline_lock.hpp: take
        if
        :: scaling_in_progress -> goto skipped
        :: !scaling_in_progress -> scaling_in_progress = true
        fi
    };
    if
    :: mortal -> mortal = false; goto skipped           /* crashes */
    :: nodes++; assert(nodes <= WANTED)                 /* I2 */
    fi;
    scaling_in_progress = false;                        // baseline_lock.hpp: release
skipped:
    ended++
}

init {
    atomic { run Handler(); run Handler() };
    ended == 2;
    run Handler();                                      /* the next invocation, and any after it */
    ended == 3;
    assert(!scaling_in_progress);                       /* L3 */
    assert(nodes == WANTED)
}
