/* Must fail: the lock of the article, as tests/controller/article_lock.hpp has it. One boolean
 * without an end and without an owner, and a handler that looks before it locks.
 *
 * Without a define nobody dies, and two late runs act on one old decision: I2 is broken.
 * -DCRASH: one handler may die, the lock stays for ever, and every later run skips: L3 is broken.
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
    :: scaling_in_progress -> goto skipped              // article_lock.hpp: in_progress
    :: !scaling_in_progress
    fi;
    scale_up = nodes < WANTED;                          // article_lock.hpp: article_handler
    if
    :: !scale_up -> goto skipped
    :: scale_up
    fi;
    atomic {                                            // article_lock.hpp: take
        if
        :: scaling_in_progress -> goto skipped
        :: !scaling_in_progress -> scaling_in_progress = true
        fi
    };
    if
    :: mortal -> mortal = false; goto skipped           /* dies */
    :: nodes++; assert(nodes <= WANTED)                 /* I2 */
    fi;
    scaling_in_progress = false;                        // article_lock.hpp: release
skipped:
    ended++
}

init {
    atomic { run Handler(); run Handler() };
    ended == 2;
    run Handler();                                      /* the next tick, and any after it */
    ended == 3;
    assert(!scaling_in_progress);                       /* L3 */
    assert(nodes == WANTED)
}
