/* The life of a worker: launched, booting, registered or timed out, removed, terminated by others.
 * Passes run one after another because of the lease (lease.pml); each may crash between
 * two calls, EC2's list is delayed, node data is sometimes unavailable, the memory may be lost.
 *
 * Holds: I2, I3, I10, and: a registered instance is never timed out, a recorded removal is
 * never undone, an instance that never registers is terminated in the end. See README.md.
 *
 * Defines. MIN, MAX: the limits. PASSES, AFTER and IDS as in lease.pml, END instances
 * are terminated by others, WARN are interrupted, LOSE memories are lost.
 * Each of these removes one safeguard, and an error must be found:
 *   FORGET_REMOVALS    an instance with a recorded removal still counts
 *   UNDO_REMOVALS      a removal with an unknown outcome is cancelled
 *   FORGET_JOINED      the memory does not keep registrations
 *   COUNT_LISTED_ONLY  a launch that is not listed does not count
 *   NEVER_GIVE_UP      there is no join timeout
 *   BELOW_MINIMUM      removals ignore the minimum
 *   BLIND_GIVE_UP      the join timeout runs without node data
 */
#ifndef MIN
#define MIN 1
#endif
#ifdef BELOW_MINIMUM
#define LEAST 0
#else
#define LEAST MIN                                       // removal.cpp: at_the_minimum
#endif
#ifndef MAX
#define MAX 2
#endif
#ifndef PASSES
#define PASSES 4
#endif
#ifndef AFTER
#define AFTER 5
#endif
#ifndef IDS
#define IDS 4
#endif
#ifndef END
#define END 1
#endif
#ifndef WARN
#define WARN 1
#endif
#ifndef LOSE
#define LOSE 0
#endif

#define BIT(i) (1 << (i))
#define HAS(set, i) ((set) & BIT(i))
#define MINUS(a, b) ((a) & ~(b))

/* --- The actual state of EC2 and the cluster. Instance 0 existed before and is registered. --- */
byte born = 1, alive = 1;
byte node = 1, ready = 1;      /* has a Node object; is Ready */
byte was_ready = 1;
byte old_node = 1;             /* its Node is older than join_timeout */
byte warned;                   /* a spot interruption notice, not older than ten minutes */
/* --- what EC2 lists by now --- */
byte listed = 1, told_dead;
/* --- the state item --- */
byte open_launches, launched, open_removals;
byte joined = 1;               /* memory: registered (was Ready once) */
byte awaited;                  /* memory: first observed, not registered yet */
byte overdue;                  /* ... and observed for longer than join_timeout since */
byte awaited_with_node;        /* ... and had its Node already when first observed */
/* --- for the checks only --- */
byte announced = 1, announced_removals, sent, denied, saved_joined = 1, ever_warned;
byte taken_unseen;             /* after lost memory: counted as registered because of an old Node */
bool faults = true, busy;
byte healed = IDS;             /* once faults stop, new launches from here on register */
byte passes, next_id = 1, ended_by_others, warnings, losses;

inline count(set, n) {
    d_step {
        n = 0; bits = set;
        do :: bits -> n = n + (bits & 1); bits = bits >> 1 :: else -> break od
    }
}
inline lowest(set, i) {
    d_step { assert(set); i = 0; do :: HAS(set, i) -> break :: else -> i++ od }
}
inline highest(set, i) {
    d_step { assert(set); i = 7; do :: HAS(set, i) -> break :: else -> i-- od }
}

inline any(set, i) {
    i = 0;
    do
    :: HAS(set, i) -> break
    :: ((set) >> (i + 1)) -> i++
    od
}

inline land(i) {
    assert(HAS(announced, i));                          /* I10 */
    born = born | BIT(i);
    alive = alive | BIT(i);
    count(MINUS(alive, announced_removals | ever_warned), n);
    assert(n <= MAX);                                   /* I2 */
    n = 0; bits = 0
}

inline land_removal(i) {
    assert(HAS(announced_removals, i));                 /* I10 */
    alive = MINUS(alive, BIT(i)); ready = MINUS(ready, BIT(i)); node = MINUS(node, BIT(i))
}

#define GOING (members & has_registered & running & node)

inline save_memory() {
    joined = new_joined;
    awaited = new_awaited;
    awaited_with_node = new_awaited_with_node;
    overdue = overdue & awaited;
    saved_joined = saved_joined | saw_ready
}

proctype Pass() {
    byte seen, running, my_open, my_launched, my_removals, closed, answered;
    byte new_joined, new_awaited, new_awaited_with_node;
    byte leaving, members, has_registered, late, saw_ready;
    byte todo, removals, new, i, n, bits;
    bool known, told;

    atomic {                                            // memory.cpp: state_from
        my_open = open_launches; my_launched = launched; my_removals = open_removals;
        new_joined = joined; new_awaited = awaited; new_awaited_with_node = awaited_with_node;
        if
        :: seen = listed; running = MINUS(listed, told_dead)    // reconcile.cpp: list_fleet
        :: faults -> goto over
        fi;
        closed = (my_open | my_launched) & seen;        // recover.cpp: adopt
        my_open = MINUS(my_open, closed); my_launched = MINUS(my_launched, closed);
        my_removals = MINUS(my_removals, MINUS(seen, running)); // recover.cpp: fate_of_removal
        todo = my_open;                                 // recover.cpp: fate_of_launch
        removals = my_removals & running;
        told = false                                    /* recovery first */
    };

launch:
    if
    :: todo == 0 -> goto terminate
    :: else
    fi;
    atomic {                                            // effects.cpp: launch
        lowest(todo, i);
        todo = MINUS(todo, BIT(i));
        if
        :: !HAS(born, i) -> land(i); goto heard
        :: HAS(born, i) && HAS(alive, i) -> goto heard
        :: HAS(born, i) && !HAS(alive, i) ->            // effects.cpp: note_launched
            my_open = MINUS(my_open, BIT(i)); closed = closed | BIT(i)
        :: faults && !HAS(born, i) -> land(i)           /* the response is lost */
        :: faults                                       /* the request is lost */
        :: faults && !HAS(born, i) ->                   // effects.cpp: close_refused
            my_open = MINUS(my_open, BIT(i)); closed = closed | BIT(i)
        :: faults -> goto over                          /* crashes */
        fi;
        i = 0
    };
    goto launch;
heard:
    atomic {                                            // effects.cpp: keep_answer
        my_open = MINUS(my_open, BIT(i)); my_launched = my_launched | BIT(i);
        answered = answered | BIT(i);
        running = running | BIT(i);
        new_awaited = new_awaited | BIT(i);             // effects.cpp: note_launched
        i = 0
    };
    goto launch;

terminate:
    if
    :: removals == 0 && told -> goto release
    :: removals == 0 && !told -> goto look
    :: else
    fi;
    atomic {                                            // effects.cpp: terminate
        lowest(removals, i);
        removals = MINUS(removals, BIT(i));
        if
        :: land_removal(i); sent = sent | BIT(i)        /* with or without response: it stays open */
#ifdef UNDO_REMOVALS
        :: faults -> land_removal(i); sent = sent | BIT(i); my_removals = MINUS(my_removals, BIT(i))
#endif
        :: faults                                       /* the request is lost */
        :: faults && !HAS(sent, i) ->                   // effects.cpp: note_terminated
            my_removals = MINUS(my_removals, BIT(i)); denied = denied | BIT(i)
        :: faults -> goto over
        fi;
        i = 0
    };
    goto terminate;

look:
    atomic {                                            // recover.cpp: snapshot_of
        if
        :: known = true
        :: faults -> known = false
        fi;
#ifdef FORGET_REMOVALS
        leaving = warned;
#else
        leaving = my_removals | warned;                 // recover.cpp: with_open_operations
#endif
#ifdef COUNT_LISTED_ONLY
        members = MINUS(running, leaving);
#else
        members = MINUS(running | my_open | my_launched, leaving);
#endif
        assert(!(sent & running & members & ~denied));  /* a recorded removal is not undone */
        has_registered = new_joined;                        // membership.cpp: has_registered
        if
        :: known -> has_registered = has_registered | ready |
               (node & old_node & MINUS(born, MINUS(new_awaited, new_awaited_with_node)));
                                                        // membership.cpp: has_registered_unobserved
           taken_unseen = taken_unseen | MINUS(has_registered & alive, was_ready)
        :: !known -> has_registered = has_registered | old_node /* old enough to count as registered */
        fi;
        has_registered = has_registered & (running | my_launched);      // recover.cpp: expected_of
        late = MINUS(members & new_awaited & overdue, has_registered);      // joining.cpp: is_overdue
#ifndef BLIND_GIVE_UP
        if :: !known -> late = 0 :: else fi;            // membership.cpp: stage_of
#endif
#ifdef NEVER_GIVE_UP
        late = 0;
#endif
        removals = late; new = 0;                       // scaler.cpp: terminate_unregistered
        assert(!(removals & ready));                       /* timed out although Ready */
        assert(!(removals & saved_joined));             /* timed out although registered */
        count(MINUS(members, late), n);
        if
        :: n > MAX ->                                   // removal.cpp: judge_surplus
            if
            :: known && MINUS(members & running, has_registered | late) ->
                highest(MINUS(members & running, has_registered | late), i);
                removals = removals | BIT(i)
            :: known && !MINUS(members, has_registered | late) && GOING -> lowest(GOING, i);
                removals = removals | BIT(i)
            :: else
            fi
        :: n <= MAX ->
            count(members, n);              /* overdue ones count until they are terminated */
            if
            :: n < MIN -> n = MIN - n                   // scaler.cpp: ask_for_minimum
            :: n >= MIN && n < MAX -> n = 0
            :: faults && n >= MIN && n < MAX -> n = 1   // scaler.cpp: ask_for_pods
            :: n >= MAX -> n = 0
            fi;
            if :: faults && next_id + n > IDS - MIN -> n = 0 :: else fi;
            do
            :: n > 0 && next_id < IDS -> new = new | BIT(next_id); next_id++; n--
            :: else -> n = 0; break
            od;
            count(members, n);
            if
            :: new == 0 && removals == 0 && known && n > LEAST && !MINUS(members, has_registered) &&
               (members & node) ->                      // removal.cpp: judge_removal
                if
                :: faults -> lowest(members & node, i); // removal.cpp: choose
                    removals = BIT(i);
                    late = (running | my_launched) & (was_ready | taken_unseen);
                    count(MINUS(late, leaving | removals), n);
                    assert(n >= MIN)                    /* I3 */
                :: skip                                 /* busy, cooldown, pending pods */
                fi
            :: else
            fi
        fi;
        if                                              // observe.cpp: observe_instances
        :: known ->
            saw_ready = members & ready;
            new_joined = new_joined | saw_ready | (members & node & has_registered);
            new_awaited_with_node =
                new_awaited_with_node | (MINUS(members & running & node, new_awaited));
            new_awaited = new_awaited | (members & running)
        :: else
        fi;
        new_joined = new_joined & (running | my_launched);
#ifdef FORGET_JOINED
        new_joined = 0;
#endif
        new_awaited = MINUS(new_awaited & (running | my_launched), new_joined);
        new_awaited_with_node = new_awaited_with_node & new_awaited;
        late = 0; leaving = 0; has_registered = 0; members = 0; n = 0; i = 0; bits = 0; known = false;
        told = true
    };
    if
    :: new == 0 && removals == 0 -> goto release
    :: else
    fi;

announce:
    atomic {                                            // apply.cpp: announce_all
        if
        :: true
        :: faults -> goto over                          /* crashes, or the request is lost */
        fi;
        my_open = my_open | new;
        my_removals = my_removals | removals;
        open_launches = my_open; launched = my_launched; open_removals = my_removals;
        announced = announced | new;
        announced_removals = announced_removals | removals;
        denied = MINUS(denied, removals);
        save_memory();
        closed = 0; answered = 0;
        todo = new; new = 0
    };
    goto launch;

release:
    atomic {                                            // reconcile.cpp: keep
        if
        :: open_launches = my_open; launched = my_launched; open_removals = my_removals;
            save_memory()
        :: faults
        fi
    };
over:
    busy = false
}

#define MAY_JOIN(i) (faults || (i) >= healed || HAS(was_ready, i))
#define DEAD MINUS(born, alive)
#define AWAITED_SO_LONG MINUS(awaited & alive, overdue | MINUS(awaited_with_node & node, old_node))

/* All other events. */
proctype World() {
    byte i;
end_world:
    do
    :: atomic { MINUS(born, listed) -> lowest(MINUS(born, listed), i);
           listed = listed | BIT(i); i = 0 }
    :: atomic { MINUS(DEAD & listed, told_dead) -> lowest(MINUS(DEAD & listed, told_dead), i);
           told_dead = told_dead | BIT(i); i = 0 }
    :: atomic { MINUS(alive, node) ->   /* boots, and registers */
           any(MINUS(alive, node), i);
           if :: MAY_JOIN(i) -> node = node | BIT(i) :: else fi; i = 0 }
    :: atomic { MINUS(node, ready) ->
           any(MINUS(node, ready), i);
           if :: MAY_JOIN(i) -> ready = ready | BIT(i); was_ready = was_ready | BIT(i) :: else fi;
           i = 0 }
    :: atomic { faults && ready -> any(ready, i); ready = MINUS(ready, BIT(i)); i = 0 }
    /* The join timeout: of a Node, and of an instance without one. A Node that
     * existed when the instance was first observed is the older of the two. */
    :: atomic { losses && MINUS(node, old_node) -> any(MINUS(node, old_node), i);
           old_node = old_node | BIT(i); i = 0 }
    :: atomic { AWAITED_SO_LONG -> any(AWAITED_SO_LONG, i);
           overdue = overdue | BIT(i); i = 0 }
    :: atomic { faults && ended_by_others < END && alive ->        /* by a user or a failure */
           any(alive, i); ended_by_others++;
           alive = MINUS(alive, BIT(i)); node = MINUS(node, BIT(i)); ready = MINUS(ready, BIT(i));
           i = 0 }
    :: atomic { faults && warnings < WARN && alive -> any(alive, i); warnings++;
           warned = warned | BIT(i); ever_warned = ever_warned | BIT(i); i = 0 }
    :: atomic { warned & alive -> any(warned & alive, i);      /* interrupted as announced, or it survives */
           if
           :: alive = MINUS(alive, BIT(i)); node = MINUS(node, BIT(i));
               ready = MINUS(ready, BIT(i))
           :: skip
           fi;
           warned = MINUS(warned, BIT(i)); i = 0 }
    :: atomic { faults && !busy && losses < LOSE -> losses++;      /* a memory is unreadable */
           joined = 0; awaited = 0; overdue = 0; awaited_with_node = 0 }
    od
}

#define JOINABLE (was_ready | MINUS(255, BIT(healed) - 1))
#define ALL_QUIET (!MINUS(born, listed) && !MINUS(DEAD, told_dead) && !(warned & alive) && \
                   !MINUS(alive & JOINABLE, ready) && !MINUS(awaited & alive, overdue | ready))

init {
    byte n, bits;
    run World();
    do
    :: passes < PASSES -> passes++; busy = true; run Pass(); !busy && _nr_pr == 2
    :: passes == PASSES -> break
    od;
    atomic { faults = false; healed = next_id };        /* no faults from here on */
    do
    :: passes < PASSES + AFTER ->
        ALL_QUIET; passes++; busy = true; run Pass(); !busy && _nr_pr == 2
    :: else -> break
    od;
    ALL_QUIET;
    assert(open_launches == 0 && launched == 0 && open_removals == 0);  /* L4 */
    assert(!(alive & sent & ~denied));                  /* a removal is carried out */
    assert(!MINUS(alive, was_ready | taken_unseen));    /* unregistered instances are terminated */
    d_step { count(alive, n); bits = 0 };
    assert(n >= MIN && n <= MAX)                        /* I2, and rule 1 */
}
