/* The lease and the operation log: two processes make passes over one cluster. Each may crash
 * or be suspended between any two calls; requests and responses are lost; launches and writes are delayed.
 *
 * Holds: I2, I4, I6, I10 at every step; L3 and L4 once faults stop. See README.md for how to read it.
 * A line that ends in two slashes, a file and a name models that function; the test looks for it
 * there.
 *
 * Defines. WANT nodes are needed, MAX allowed. PASSES with possible faults, followed by AFTER
 * healthy ones. IDS: launches that may be recorded.
 *   AWAKE              no process is suspended past its lease, and calls arrive in order: then no
 *                      launch takes effect after its operation was closed
 *   SURPLUS            two instances run at the beginning: with MAX=1 one must be removed
 *   LATE_WRITES        one write with a lost response may take effect much later
 * Each of these removes one safeguard, and an error must be found:
 *   WITHOUT_EPOCH      writes are not conditional on the epoch
 *   WITHOUT_JOURNAL    launches are not recorded before they are sent
 *   WITHOUT_TOKEN      EC2 treats a repetition as another launch
 *   WITHOUT_END        a lease never expires
 *   CLOSE_AT_ONCE      an unlisted launch counts as one that never happened
 *   NEVER_SETTLED      a launch that can no longer take effect stays open
 *   CLOSE_LATER        recording operations does not write those that the pass has closed
 *   UNCOUNTED_WRITES   a write is not refused after another write of the same epoch
 *   OLD_TIME           the confirmation of a launch keeps the time of its recording
 */
#ifndef WANT
#define WANT 1
#endif
#ifndef MAX
#define MAX 2
#endif
#ifndef PASSES
#define PASSES 3
#endif
#ifndef AFTER
#define AFTER 3
#endif
#ifndef IDS
#define IDS 4
#endif

#define BIT(i) (1 << (i))
#define HAS(set, i) ((set) & BIT(i))
#define MINUS(a, b) ((a) & ~(b))
#define NOBODY 0
#define IDLE 255

/* --- the state item in DynamoDB --- */
byte epoch, owner;
bool over;                     /* lease_until < now, by the reader's clock */
byte open_launches, launched;  /* operations: recorded; confirmed and not listed yet */
byte open_removals;            /* by the instance to be removed */

/* --- EC2: an instance has the number of its operation --- */
#ifdef SURPLUS
#define FIRST 2
#else
#define FIRST 0
#endif
#define THERE (BIT(FIRST) - 1)
byte born = THERE, alive = THERE;  /* ever, and now: a token makes one instance */
byte listed = THERE, told_dead;      /* what DescribeInstances shows by now */
byte wire, wire_removals;      /* requests in flight whose callers have timed out */

/* --- writes in flight whose callers have timed out --- */
byte late_owner, late_writes, writes, late_after;
byte late_epoch, late_new, late_closed, late_answered;

/* --- time. Operations below `waited` are older than launch_wanted_for, those below `settled` older
 * than that and launch_settled_after. A pass uses their values from its start. --- */
byte next_id = FIRST, waited = FIRST, settled = FIRST;
byte saw_waited[4] = IDLE, working[4];

/* --- for the checks only --- */
byte announced = THERE, announced_removals, writer;
byte late;                      /* instances whose operation is closed as never launched */
bool faults = true;
byte passes, allowed = PASSES, ended;

inline count(set, n) {
    d_step {
        n = 0; bits = set;
        do :: bits -> n = n + (bits & 1); bits = bits >> 1 :: else -> break od
    }
}

#ifdef RELIABLE_STORE
#define LOSSES false
#else
#define LOSSES faults
#endif

#ifdef NEVER_SETTLED
#define STAYS_OPEN true
#else
#define STAYS_OPEN false
#endif

#define FREE (owner == NOBODY || over)

inline check_fleet() {
    d_step {
        count(MINUS(alive, late | announced_removals), n);
        assert(n <= WANT || alive == THERE);            /* I2 */
#ifdef AWAKE
        assert(late == 0);                            /* I2 */
#endif
        bits = 0
    }
}

/* A RunInstances arrives. */
inline land(i) {
    assert(HAS(announced, i));                          /* I10 */
    if
#ifdef WITHOUT_TOKEN
    :: true ->
#else
    :: !HAS(born, i) ->                                 // ec2_manager.cpp: Ec2Manager::launch
#endif
        assert(!HAS(alive, i));                         /* I4 */
        born = born | BIT(i);
        alive = alive | BIT(i);
        if
        :: !HAS(open_launches | launched, i) -> late = late | BIT(i)
        :: else
        fi;
        check_fleet()
    :: else
    fi
}

inline land_removal(i) {
    assert(HAS(announced_removals, i));                 /* I10 */
    alive = MINUS(alive, BIT(i))
}

inline take_lease(who) {
    owner = who;                                        // lease.cpp: taking
    over = false;
    epoch++;
    writer = epoch
}

/* The effect of a fenced write on the operations, if its condition holds. */
inline change_intents(by, new, gone, answer) {
    assert(by >= writer);                               /* I6 */
    writer = by;
#ifndef UNCOUNTED_WRITES
    writes++;
#endif
    late = late | (alive & MINUS(gone, seen));
    check_fleet();
    open_launches = MINUS(open_launches, gone | answer) | (new);   // recover.cpp: carry_along
    launched = MINUS(launched, gone) | (answer);                   // memory.cpp: note_answer
    announced = announced | (new)
}

#ifdef WITHOUT_EPOCH
#define STILL_OURS(e) true
#else
#define STILL_OURS(e) (epoch == (e))                    // lease.cpp: write_fenced
#endif

/* The instances that the pass counts: listed, recorded or confirmed, and not being removed. */
inline count_members(without, n) {
    count(MINUS(running | MINUS(my_open | my_launched, seen | closed | (without)), my_removals), n)
}                                                       // recover.cpp: with_open_operations

inline learn_state() {
    mine = epoch; tries = 0;
    my_open = open_launches; my_launched = launched; my_removals = open_removals
}                                                       // memory.cpp: state_from

inline lowest(set, i) {
    d_step { assert(set); i = 0; do :: HAS(set, i) -> break :: else -> i++ od }
}
inline highest(set, i) {
    d_step { assert(set); i = 7; do :: HAS(set, i) -> break :: else -> i-- od }
}

inline write_announcement() {
#ifdef CLOSE_LATER
    change_intents(mine, new, 0, answered);
#else
    change_intents(mine, new, closed, answered);
#endif
    open_removals = my_removals | removals;
    announced_removals = announced_removals | removals
}

inline write_release() {
    change_intents(mine, 0, closed, answered);
    open_removals = my_removals;
    owner = NOBODY;                                     // lease.cpp: clear_lease
    over = false
}

inline note_carried() {
    d_step {                                            // apply.cpp: note_carried
        my_open = MINUS(my_open, closed) | new;
        my_launched = MINUS(my_launched, closed);
        my_removals = my_removals | removals;
#ifndef CLOSE_LATER
        closed = 0;
#endif
        answered = 0;
        todo = new; new = 0; tries = 0
    }
}

proctype Process(byte number) {
    byte me, mine, saw_settled;
    byte my_open, my_launched, my_removals;             /* the state as this pass knows it */
    byte seen, running;                                 /* the fleet as EC2 listed it */
    byte closed, answered, todo, removals, new, tries, missing;
    byte i, n, bits;

wake:
    atomic {
        me = 0; mine = 0; saw_settled = 0; my_open = 0; my_launched = 0; my_removals = 0;
        seen = 0; running = 0; closed = 0; answered = 0; todo = 0; removals = 0; new = 0;
        tries = 0; missing = 0; i = 0; n = 0; bits = 0;
        saw_waited[number] = IDLE; working[number] = NOBODY
    }
    if
    :: atomic { passes < allowed -> passes++; me = passes;      // invocation.cpp: pass
           working[number] = me; saw_waited[number] = waited; saw_settled = settled }
    :: passes >= allowed -> goto bye
    fi;

acquire:
    atomic {                                            // lease.cpp: acquire
        tries++;
        if
        :: FREE -> take_lease(me); learn_state(); goto look    // lease.cpp: free_or_over
        :: !FREE && owner == me -> learn_state(); goto look     /* our first attempt took effect */
        :: !FREE && owner != me -> goto wake            // reconcile.cpp: give_way
        :: LOSSES && FREE -> take_lease(me); goto acquire_unknown
        :: LOSSES -> goto acquire_unknown
#ifdef LATE_WRITES
        :: faults && late_writes < 1 -> late_writes++; late_owner = me; goto acquire_unknown
#endif
        fi
    };
acquire_unknown:
    if
    :: tries < 2 -> goto acquire                        // memory.cpp: update_surely
    :: else -> goto wake
    fi;
look:
    atomic {
    if                                                  // reconcile.cpp: list_fleet
    :: d_step { seen = listed; running = MINUS(listed, told_dead) }
    :: faults -> goto release
    :: faults -> goto wake
    fi;

    atomic {                                            // recover.cpp: recover
        i = 0;
        do
        :: i < next_id ->
            if
            :: HAS(my_open, i) && HAS(seen, i) -> closed = closed | BIT(i)      // recover.cpp: adopt
#ifdef CLOSE_AT_ONCE
            :: HAS(my_open, i) && !HAS(seen, i) -> closed = closed | BIT(i)
#else
            :: HAS(my_open, i) && !HAS(seen, i) && i < saw_settled && !STAYS_OPEN ->
                closed = closed | BIT(i)                              // recover.cpp: close_unseen
            :: HAS(my_open, i) && !HAS(seen, i) && i >= saw_waited[number] ->
                todo = todo | BIT(i)                    // recover.cpp: fate_of_launch
            :: HAS(my_open, i) && !HAS(seen, i) && (i >= saw_settled || STAYS_OPEN) &&
               i < saw_waited[number]           /* neither repeated nor settled: it stays open */
#endif
            :: HAS(my_launched, i) && HAS(seen, i) ->
                closed = closed | BIT(i)                // recover.cpp: recover_launched
#ifdef OLD_TIME
            :: HAS(my_launched, i) && !HAS(my_open, i) && !HAS(seen, i) && i < saw_waited[number] ->
                closed = closed | BIT(i)
#endif
            :: else
            fi;
            if
            :: HAS(my_removals, i) && HAS(seen, i) && !HAS(running, i) ->
                my_removals = MINUS(my_removals, BIT(i))
            :: HAS(my_removals, i) && HAS(running, i) ->
                removals = removals | BIT(i)            // recover.cpp: fate_of_removal
            :: else
            fi;
            i++
        :: else -> break
        od;
        count_members(todo, n);
        new = todo; todo = 0; i = 0;
        do                                              // recover.cpp: within_limits
        :: i < next_id && HAS(new, i) && n < MAX -> todo = todo | BIT(i); n++; i++
        :: i < next_id && !(HAS(new, i) && n < MAX) -> i++
        :: else -> break
        od;
        new = 0; i = 0; n = 0; saw_settled = 0;
        tries = 1                                       /* 1: recovery. 0: new operations */
    } };

launch:
    if
    :: todo == 0 -> goto terminate
    :: todo != 0 -> lowest(todo, i)
    fi;
    atomic {                                            // effects.cpp: launch
        todo = MINUS(todo, BIT(i));
        if
        :: !HAS(born, i) || HAS(alive, i) ->            // effects.cpp: keep_answer
            land(i);
            my_open = MINUS(my_open, BIT(i)); my_launched = my_launched | BIT(i);
            answered = answered | BIT(i);
#ifdef AWAKE
            wire = MINUS(wire, BIT(i));
#endif
        :: HAS(born, i) && !HAS(alive, i) -> closed = closed | BIT(i)  // effects.cpp: note_launched
        :: faults && !HAS(born, i) ->                   /* no capacity */
            closed = closed | BIT(i); missing++;                      // effects.cpp: note_refused
#ifdef AWAKE
            wire = MINUS(wire, BIT(i));
#endif
        :: faults -> land(i)                            /* the response is lost: it stays open */
        :: faults -> wire = wire | BIT(i)               /* takes effect later, or never */
        :: faults -> todo = 0; removals = 0; goto release   // effects.cpp: may_act_now
        :: faults -> goto wake
        fi;
        i = 0
    };
    goto launch;

terminate:
    if
    :: removals == 0 -> goto decide
    :: removals != 0 -> lowest(removals, i)
    fi;
    atomic {                                            // effects.cpp: terminate
        removals = MINUS(removals, BIT(i));
        if
        :: land_removal(i)
        :: faults -> wire_removals = wire_removals | BIT(i)
        :: faults -> removals = 0; goto release
        :: faults -> goto wake
        fi;
        i = 0
    };
    goto terminate;

decide:
    atomic { atomic {                                   // scaler.cpp: judge
        if
        :: tries == 0 && missing == 0 -> new = 0
        :: else ->
            running = running | answered;
            seen = seen | answered;
            count_members(0, n);
            if
            :: n > MAX && tries == 1 && !MINUS(running, my_removals) ->
                new = 0                                 // reconcile.cpp: spare_the_unlisted
            :: n > MAX && tries == 1 && MINUS(running, my_removals) ->
                                                        // removal.cpp: judge_surplus
                highest(MINUS(running, my_removals), i);
                new = 0; removals = BIT(i)
            :: n < WANT ->                              // planner.cpp: plan_launches
                new = 0; removals = 0;
                n = WANT - n;
                if :: tries == 0 && n > missing -> n = missing :: else fi;
                /* the healthy passes at the end have some left */
                if :: faults && next_id + n > IDS - WANT -> n = 0 :: else fi;
                do
                :: n > 0 && next_id < IDS -> new = new | BIT(next_id); next_id++; n--
                :: else -> break
                od                                      // apply.cpp: new_operation
            :: else -> new = 0; removals = 0
            fi
        fi;
        missing = 0; n = 0; i = 0; tries = 0
    };
    if
    :: new == 0 && removals == 0 -> goto release
    :: else
    fi;
#ifdef WITHOUT_JOURNAL
    todo = new; new = 0;
    goto launch;
#endif
announce:                                               // apply.cpp: announce_all
        tries++;
        if
        :: STILL_OURS(mine) -> write_announcement(); note_carried(); goto launch
        :: !STILL_OURS(mine) -> goto wake               /* the release would be refused too */
        :: LOSSES && STILL_OURS(mine) -> write_announcement(); goto announce_unknown
        :: LOSSES -> goto announce_unknown
#ifdef LATE_WRITES
        :: faults && late_writes < 1 && removals == 0 ->
            late_writes++; late_after = writes; late_epoch = mine;
            late_new = new; late_closed = closed; late_answered = answered;
            goto announce_unknown
#endif
        :: faults -> goto wake
        fi
    };
announce_unknown:
    if
    :: tries < 2 -> goto announce
    :: else -> new = 0; removals = 0; goto release
    fi;

release:
    atomic { tries = 0; new = 0; todo = 0; running = 0; missing = 0; my_open = 0; my_launched = 0 };
again:
    atomic {                                            // reconcile.cpp: keep
        tries++;
        if
        :: STILL_OURS(mine) -> write_release(); goto wake           // lease.cpp: release
        :: !STILL_OURS(mine) -> goto wake
        :: LOSSES && STILL_OURS(mine) -> write_release(); goto release_unknown
        :: LOSSES -> goto release_unknown
        :: faults -> goto wake
        fi
    };
release_unknown:
    if
    :: tries < 2 -> goto again
    :: else -> goto wake
    fi;

bye:
    ended++
}

#define UNLISTED (MINUS(alive, listed))
/* A settled operation must not be launched any more: neither in flight nor by a pass. */
#define CANNOT_LAND(i) (!HAS(wire, i) && !HAS(UNLISTED, i) && saw_waited[0] > (i) && \
                        saw_waited[1] > (i) && saw_waited[2] > (i))

#ifdef AWAKE
#define LEASE_MAY_END (working[0] != owner && working[1] != owner && working[2] != owner)
#else
#define LEASE_MAY_END true
#endif

/* Time and delayed requests. Any of these may happen at any moment. */
proctype World() {
    byte i, n, bits, seen;
end_world:
    do
#ifndef WITHOUT_END
    /* also while its owner still relies on it, unless AWAKE */
    :: atomic { owner != NOBODY && !over && LEASE_MAY_END -> over = true }
#endif
    :: atomic { waited < next_id -> waited++ }
    :: atomic { settled < waited &&
#ifdef AWAKE
                CANNOT_LAND(settled) ->
#else
                (faults || !HAS(wire | UNLISTED, settled)) ->
#endif
           settled++ }
    :: atomic { wire -> lowest(wire, i); wire = MINUS(wire, BIT(i));
           if :: land(i) :: skip fi; i = 0; n = 0 }
    :: atomic { wire_removals -> lowest(wire_removals, i);
           wire_removals = MINUS(wire_removals, BIT(i));
           if :: land_removal(i) :: skip fi; i = 0 }
    :: atomic { MINUS(born, listed) -> lowest(MINUS(born, listed), i);
           listed = listed | BIT(i); i = 0 }
    :: atomic { MINUS(listed, alive | told_dead) -> lowest(MINUS(listed, alive | told_dead), i);
           told_dead = told_dead | BIT(i); i = 0 }
#ifdef LATE_WRITES
    :: atomic { late_owner != NOBODY ->
           if :: FREE -> take_lease(late_owner) :: else fi; late_owner = NOBODY }
    :: atomic { late_epoch != 0 ->
           if
           :: STILL_OURS(late_epoch) && late_after == writes ->
               change_intents(late_epoch, late_new, late_closed, late_answered)
           :: else
           fi;
           late_epoch = 0; late_new = 0; late_closed = 0; late_answered = 0; late_after = 0 }
#endif
    od
}

#define ALL_QUIET (settled == next_id && !wire && !wire_removals && !MINUS(born, listed) && \
                   !MINUS(listed, alive | told_dead) && late_owner == NOBODY && late_epoch == 0)

init {
    byte n, bits;
    atomic { run World(); run Process(0); run Process(1) };
    (ended == 2);
    faults = false;                                     /* no faults from here on */
    do
    :: allowed < PASSES + AFTER ->
        ALL_QUIET && FREE;                              /* L3: else it waits here forever */
        atomic { allowed++; passes = allowed - 1; run Process(2) };
        ended == 3 + allowed - PASSES - 1
    :: else -> break
    od;
    ALL_QUIET;
    assert(owner == NOBODY);                            /* L3 */
    assert(open_launches == 0 && launched == 0 && open_removals == 0);  /* L4 */
    d_step { count(alive, n); bits = 0 };
    assert(n >= WANT && n <= MAX)                       /* I2 */
}
