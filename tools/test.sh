# shellcheck shell=bash
# ./dev test: everything we claim, in stages. A stage that fails fails the run; the others still
# run, so that one run says all. Sourced after the other parts.

stage_logs=build/test
stage_lines=()
stages_failed=0

# stage TITLE COMMAND…: in a shell of its own; what it prints is kept too.
stage() {
    local title=$1 started=$SECONDS log code verdict
    shift
    log=$stage_logs/$((${#stage_lines[@]} + 1)).log
    printf '\n=== %s\n' "$title"
    set +e
    (
        set -e
        "$@"
    ) 2>&1 | tee "$log"
    code=${PIPESTATUS[0]}
    set -e
    verdict=passed
    if [ "$code" != 0 ]; then
        verdict=FAILED
        stages_failed=$((stages_failed + 1))
    fi
    printf -- '--- %s: %s, %d s\n' "$title" "$verdict" $((SECONDS - started))
    title=$(printf '%-30s %-7s %5d s' "$title" "$verdict" $((SECONDS - started)))
    stage_lines+=("$title  $(own_words "$log")")
}

# own_words LOG: the test runner's own last line, where one ran.
own_words() {
    local ctest='% tests passed' soak='passes/s, broken'
    local pytest='^=+ .*(passed|failed|skipped|error).* in [0-9.]+s'
    grep -E "$ctest|$soak|$pytest" "$1" | tail -n 1 |
        sed -E 's/^=+ //; s/ =+$//' || true
}

setup_everything() {
    local sets=(compile libraries static arm64 checks fuzz python alerts browser)
    if [ "$(id -u)" = 0 ]; then sets+=(real); fi
    install_packages "${sets[@]}"
    lab/quick/install.sh
    infra/install.sh
    setup_real
}

unit_tests() {
    build asan
    # Leaks of a whole run are found too; the sanitizers stop at the first fault.
    ctest --preset asan -j "$NODENAP_JOBS"
}

# As it ships; and no name stands for two types in one program.
function_x86_64() {
    lambda x86_64
    NODENAP_DEPS=$(tools/static.sh x86_64)
    export NODENAP_DEPS
    build lambda-x86_64 nodenap_one_definition
}

shell_and_format() {
    check_shell
    check_format
    echo "shell and format: passed"
}

short_fuzzers() {
    build fuzz fuzzers
    run_pytest tests/fuzz
}

run_pytest() { nice "$NODENAP_VENV/bin/python" -m pytest -p no:cacheprovider "$@"; }

# In an environment of its own: Pulumi and the lab pin other versions of the same libraries. Each
# test has folders and ports of its own, so that they share the cores.
run_infra_tests() {
    nice "$NODENAP_CACHE/venv-infra/bin/python" -m pytest -p no:cacheprovider -c infra/pytest.ini \
        -n "$NODENAP_JOBS" infra/tests
}

# The same seeds in each run: fresh ones are what `./dev soak` is for.
run_fixed_seeds() {
    nice "$NODENAP_VENV/bin/python" tools/soak.py build/lambda-x86_64/nodenap \
        --seed 1001 --seeds 4000
}

# Each stage: its name for the command line, its title, and what runs.
stages=(
    "setup|setup|setup_everything"
    "format|shell and format|shell_and_format"
    "unit|unit tests, sanitized|unit_tests"
    "models|models|run_pytest -s models"
    "x86_64|the function, x86_64|function_x86_64"
    "mutants|mutants|run_pytest tests/mutants tests/soak"
    "simulator|simulator, 4,000 seeds|run_fixed_seeds"
    "tidy|clang-tidy, what changed|tidy changed"
    "arm64|the function, arm64|lambda arm64"
    "quick|quick stand|run_pytest lab/tests"
    "infra|footprint on AWS|run_infra_tests"
    "real|real stand|run_pytest lab/real/tests"
    "fuzz|fuzzers, short|short_fuzzers"
)

stage_names() {
    local line names=()
    for line in "${stages[@]}"; do names+=("${line%%|*}"); done
    echo "${names[*]}"
}

# run_stage LINE NUMBER: its command is words without quotes.
run_stage() {
    local name title command
    IFS='|' read -r name title command <<<"$1"
    # shellcheck disable=SC2086
    stage "$2 $title" $command
}

# run_tests [STAGE…]: all stages, or those named, in the order of the list.
run_tests() {
    local started=$SECONDS line name number=0
    for name in "$@"; do
        [[ " $(stage_names) " == *" $name "* ]] ||
            die "no such stage: $name; there are: $(stage_names)"
    done
    mkdir -p "$stage_logs"
    for line in "${stages[@]}"; do
        number=$((number + 1))
        name=${line%%|*}
        [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
        run_stage "$line" $number
        if [ "$name" = setup ] && [ "$stages_failed" != 0 ]; then exit 1; fi
    done
    printf '\n=== %d stages, %d s\n' ${#stage_lines[@]} $((SECONDS - started))
    printf '%s\n' "${stage_lines[@]}"
    if [ "$stages_failed" != 0 ]; then
        echo "$stages_failed stages FAILED"
        exit 1
    fi
    if [ $# = 0 ]; then echo "everything passed"; else echo "these stages passed"; fi
}

# ./dev check: what a person runs before each commit, without sanitizers.
check() {
    install_packages compile libraries checks
    build dev
    shell_and_format
    ctest --preset dev -j "$NODENAP_JOBS" --output-on-failure
    tidy changed
}
