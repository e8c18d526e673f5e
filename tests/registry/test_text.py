from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from registry.text import (
    FOLD_LIMIT,
    add_working_days,
    clean_corporate_number,
    company_key,
    corporate_number_check_digit,
    fold,
    validate_corporate_number,
)


@pytest.mark.parametrize("text", ["ﾒｯｷ", "メッキ", "めっき", "  めっき ", "め\u0000っき"])
def test_width_and_kana_fold_to_the_same(text: str) -> None:
    assert fold(text) == "めっき"


@pytest.mark.parametrize("dash", "‐‑–—−－-")
def test_dashes_fold_to_one(dash: str) -> None:
    assert fold(f"A{dash}1") == "a-1"


@given(st.text(max_size=300))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_a_long_run_of_combining_marks_is_cut_before_it_is_normalised() -> None:
    assert len(fold("a" + "\u0301" * 200_000)) <= FOLD_LIMIT


@pytest.mark.parametrize(
    "name", ["株式会社男鹿メッキ", "㈱男鹿メッキ", "男鹿ﾒｯｷ(株)", "男鹿めっき株式会社", "（株）男鹿　メッキ"]
)
def test_legal_forms_do_not_tell_companies_apart(name: str) -> None:
    assert company_key(name) == "男鹿めっき"


def test_a_company_that_is_only_a_legal_form_has_an_empty_key() -> None:
    assert company_key("株式会社") == ""


@pytest.mark.parametrize("number", ["7000012050002", "8999900000001"])
def test_right_check_digits_pass(number: str) -> None:
    assert int(number[0]) == corporate_number_check_digit(number[1:])
    validate_corporate_number(number)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("7000012050003", "check_digit"),
        ("7.00001E+12", "spreadsheet"),
        ("700001205000", "length"),
        ("70000120500022", "length"),
        ("７０００012050002", "length"),
        ("700001205000a", "length"),
        ("", "length"),
        ("未定", "letters"),
    ],
)
def test_wrong_numbers_are_refused_for_their_reason(number: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_corporate_number(number)
    assert refused.value.code == code


@pytest.mark.parametrize("typed", ["７０００－０１２０－５０００２", " 7000 0120 50002", "T7000012050002"])
def test_a_number_is_read_as_people_type_it(typed: str) -> None:
    assert clean_corporate_number(typed) == "7000012050002"


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 11, 16), 5, date(2026, 11, 24)),  # over a week-end and 勤労感謝の日 (Monday the 23rd)
        (date(2026, 11, 20), 1, date(2026, 11, 24)),
        (date(2026, 12, 1), 0, date(2026, 12, 1)),
    ],
)
def test_working_days_skip_weekends_and_holidays(start: date, days: int, end: date) -> None:
    assert add_working_days(start, days) == end
