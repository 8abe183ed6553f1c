"""Without root the stand's tests are skipped, unless they are required."""

import pytest
from required import need


def test_nothing_missing_is_no_reason(monkeypatch):
    monkeypatch.setenv("NODENAP_REQUIRE_REAL", "1")
    need(None)


def test_a_missing_right_skips_with_its_reason(monkeypatch):
    monkeypatch.delenv("NODENAP_REQUIRE_REAL", raising=False)
    with pytest.raises(pytest.skip.Exception, match="cannot run: root is needed"):
        need("root is needed")


def test_a_missing_right_fails_where_the_stand_is_required(monkeypatch):
    monkeypatch.setenv("NODENAP_REQUIRE_REAL", "1")
    with pytest.raises(
        pytest.fail.Exception, match="NODENAP_REQUIRE_REAL=1, but .* root is needed"
    ):
        need("root is needed")
