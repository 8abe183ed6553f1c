# shellcheck shell=bash
# ./dev coverage: the coverage of the deciding code by the unit tests of its folders. Sourced after
# build.sh.

# All deciding code, and the controller.
covered='src/(base|model|scheduling|decide)/.*'
covered+='|src/controller/(lease|memory|invocation|reconcile|recover|apply|effects|status)\.cpp'

# Lines and branches must be complete. Branches only for exceptions or assertions do not count.
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
