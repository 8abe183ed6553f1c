# shellcheck shell=bash
# Format, shell and clang-tidy. Sourced after env.sh.

# tree_files PATTERNS…: files that are tracked or not ignored by git.
tree_files() {
    git ls-files -co --exclude-standard -- "$@" | while read -r file; do
        if [ -f "$file" ]; then echo "$file"; fi
    done
}

cpp_files() { tree_files 'src/*.?pp' 'tests/*.?pp' 'bench/*.?pp'; }

format() { cpp_files | xargs -r clang-format -i; }

check_format() { cpp_files | xargs -r clang-format --dry-run -Werror; }

check_shell() { tree_files dev .ci/run '*.sh' | xargs -r shellcheck -x; }

# tidy all|changed: clang-tidy over src. Files that passed before with the same text, headers, rules
# and compiler are skipped.
tidy() {
    local which=$1 passed=$NODENAP_CACHE/tidy version todo
    cmake --preset tidy >/dev/null
    mkdir -p "$passed"
    version=$(clang-tidy-16 --version | grep version) # without the machine's name
    todo=$("tidy_$which" | while read -r file; do
        key=$(tidy_key "$file" "$version")
        if [ ! -e "$passed/$key" ]; then echo "$file $passed/$key"; fi
    done)
    if [ -z "$todo" ]; then
        echo "clang-tidy: nothing to check"
        return
    fi
    echo "clang-tidy: $(wc -l <<<"$todo") files to check"
    xargs -P "$NODENAP_JOBS" -L 1 tools/tidy_file.sh <<<"$todo"
    echo "clang-tidy: passed"
}

tidy_all() { tree_files 'src/*.cpp'; }

# Files changed since the branch left main (on main: in the last commit) or not committed, and files
# that include a changed header.
tidy_changed() {
    local base changed
    base=$(git merge-base HEAD origin/main 2>/dev/null || true)
    if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then
        base=$(git rev-parse -q --verify HEAD~1 || git hash-object -t tree /dev/null)
    fi
    changed=$(git diff --name-only "$base" -- src
        git ls-files -o --exclude-standard -- src)
    tidy_all | while read -r file; do
        if closure "$file" | grep -qxFf <(echo "$changed"); then echo "$file"; fi
    done
}

# closure FILE: the file and all project headers that it includes, transitively.
closure() {
    awk -v first="$1" '
        BEGIN {
            todo[count = 1] = first
            seen[first] = 1
            for (at = 1; at <= count; at++) {
                file = todo[at]
                print file
                while ((getline line < file) > 0) {
                    if (!match(line, /^#include "[^"]+"/)) continue
                    header = "src/" substr(line, 11, RLENGTH - 11)
                    if (header in seen) continue
                    seen[header] = 1
                    if ((getline line < header) >= 0) todo[++count] = header
                    close(header)
                }
                close(file)
            }
        }'
}

tidy_key() {
    {
        echo "$2"
        cat .clang-tidy cmake/compiler.cmake
        closure "$1" | xargs cat
    } | sha256sum | cut -c 1-32
}
