"""Each mutant of the production code is detected by the simulator's checker within a few hundred
worlds, and the unchanged code keeps every promise in the same worlds."""

import mutants
import pytest

MUTANTS = mutants.load()
FEWEST = 28


@pytest.fixture(scope="session", name="hunt")
def hunt_fixture():
    return mutants.hunter()


@pytest.fixture(scope="session", name="catches")
def catches_fixture(hunt):
    return mutants.hunt_mutants(MUTANTS, hunt)


def test_the_code_as_it_is_keeps_every_promise(hunt):
    parts = mutants.hunt_unmutated(hunt)
    assert [part for part in parts if part.seed] == []
    assert sum(part.passes for part in parts) > 100 * mutants.SEEDS, "the worlds make passes"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_each_mutant_is_caught(mutant, catches):
    complaint = mutants.complaint(mutant, catches[mutant.name])
    assert not complaint, complaint
    catch = catches[mutant.name]
    print(f"\n{mutant.name}: seed {catch.seed}, {catch.text}", end=" ")  # seen with -s


@pytest.mark.parametrize(
    "mutant", [each for each in MUTANTS if each.faults], ids=lambda mutant: mutant.name
)
def test_the_code_as_it_is_keeps_them_under_the_faults_of_a_mutant(mutant, hunt, catches):
    caught = catches[mutant.name]
    assert isinstance(caught, mutants.Catch)
    parts = mutants.hunt_unmutated(hunt, *mutant.faults, last=max(1, caught.seed))
    assert [part for part in parts if part.seed] == []


def test_the_article_is_caught_whole(hunt):
    caught = mutants.hunt_article(hunt)
    assert {"I10"} <= set(caught.promises)


def test_there_are_enough_of_them_and_each_has_its_own_name():
    names = [mutant.name for mutant in MUTANTS]
    assert len(set(names)) == len(names) >= FEWEST


def test_a_mutant_whose_words_are_gone_says_so():
    gone = mutants.Mutant("gone", "", "src/decide/fit.cpp", "no such words", "", ("I1",))
    with pytest.raises(mutants.Broken, match=r"stands 0 times in src/decide/fit\.cpp"):
        mutants.mutated(gone)


def test_the_table_of_the_promises_tells_of_these(catches):
    page = mutants.PAGE.read_text(encoding="utf-8")
    made = mutants.page_with(mutants.table(MUTANTS, catches))
    assert page == made, "docs/internals/promises.md is old: ./dev mutants --write"
