# shellcheck shell=bash
# ./dev coverage: what the unit tests of a room reach of the code that decides. Sourced after
# build.sh.

# All that decides, and of the controller the loop that acts on it.
covered='src/(base|model|scheduling|decide)/.*'
covered+='|src/controller/(lease|memory|invocation|reconcile|recover|apply|effects|status)\.cpp'

# Lines and branches, all of them: less fails. A branch that only an exception takes, or that an
# assertion would, is not one.
coverage() {
    local folder=build/coverage
    build coverage nodenap_decide_tests nodenap_controller_tests
    find "$folder" -name '*.gcda' -delete
    nice "$folder/nodenap_decide_tests" --gtest_brief=1
    nice "$folder/nodenap_controller_tests" --gtest_brief=1
    gcovr --root . --object-directory "$folder" --filter "$covered" \
        --exclude-throw-branches --exclude-unreachable-branches \
        --exclude-branches-by-pattern '.*(\bassert\(|= default;).*' \
        --html-details "$folder/index.html" --txt \
        --fail-under-line 100 --fail-under-branch 100
}
