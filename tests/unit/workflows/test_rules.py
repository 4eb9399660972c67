"""What may be done, and by whom."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from workflows.authority import TABLE, Standing, allowed, require
from workflows.codes import ALPHABET, new_code, read_code
from workflows.errors import Refusal

STANDINGS = [
    Standing(admin=admin, author=author) for admin in (False, True) for author in (False, True)
]
EXPECTED = {
    "anyone": [True, True, True, True],
    "admin": [False, False, True, True],
    "author": [False, True, True, True],
}


@pytest.mark.parametrize("code", sorted(EXPECTED))
def test_the_table_of_authority(code: str) -> None:
    assert [bool(allowed(code, standing)) for standing in STANDINGS] == EXPECTED[code]
    for standing, may in zip(STANDINGS, EXPECTED[code], strict=True):
        if may:
            require(code, standing)
        else:
            with pytest.raises(Refusal) as refused:
                require(code, standing)
            assert refused.value.code == "not-allowed"


def test_every_rule_that_can_fail_says_why() -> None:
    for code, rule in TABLE.items():
        assert all(map(rule.holds, STANDINGS)) or rule.refusal is not None, code


def test_an_unknown_rule_allows_nothing() -> None:
    with pytest.raises(KeyError):
        require("nobody wrote this rule", Standing(admin=True))


@given(st.integers(4, 12), st.sampled_from(" -–—\u3000"), st.booleans())
def test_a_code_is_read_as_people_type_it(length: int, sign: str, small: bool) -> None:
    code = new_code(length)
    assert len(code) == length
    assert set(code) <= set(ALPHABET)
    typed = sign.join(code.lower() if small else code)
    assert read_code(f" {typed} ") == code


def test_codes_hold_no_signs_that_are_taken_for_one_another() -> None:
    assert not set(ALPHABET) & set("01OIL")
    assert len({new_code() for _code in range(1000)}) == 1000
