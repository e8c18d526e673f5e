"""Criteria held against a firm's facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.certificates import marks
from matching.engine.criteria import Check, Criterion, Kind, Outcome, check, kilometres, verdict
from matching.engine.documents import FirmDocument

P, F, U = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("asked", "stated", "expected"),
    [
        ("ISO9001", ["ISO 9001:2015"], P),
        ("ISO9001", ["ＩＳＯ９００１"], P),
        ("ISO9001", ["ISO9001認証取得"], P),
        ("ISO 9001", ["JIS Q 9001"], P),
        ("ISO9001", ["ISO14001/9001"], P),
        ("ISO14001", ["ISO 9001・14001"], P),
        ("ISO9001", ["ISO 90012"], F),
        ("ISO 90012", ["ISO 9001"], F),
        ("ISO9001", ["ISO9001(取得準備中)"], F),
        ("ISO9001", ["ISO9001準拠"], F),
        ("ISO9001", ["ISO14001"], F),
        ("ISO9001", [], U),
        ("JIS Q 9100", ["JISQ9100"], P),
        ("JIS Q 9100", ["AS9100D"], P),
        ("JISQ9100:2016", ["EN 9100"], P),
        ("JIS Q 9100", ["ISO9001"], F),
        ("ISO/IEC17025", ["ISO 17025:2017"], P),
        ("IATF16949", ["ISO/TS 16949"], P),
        ("Nadcap", ["Nadcap(NDT、熱処理)"], P),
        ("Nadcap NDT", ["Nadcap(NDT、熱処理)"], P),
        ("Nadcap(非破壊検査)", ["NADCAP（NDT）"], P),
        ("Nadcap(NDT)", ["Nadcap(溶接)"], F),
        ("Nadcap(NDT)", ["Nadcap"], U),
        ("EN 1090-2 EXC2", ["EN1090-2 EXC3"], P),
        ("EN 1090-2 EXC3", ["EN1090-2 EXC2"], F),
        ("EN1090", ["EN 1090-2 EXC2"], P),
        ("EN 1090-2 EXC3", ["EN 1090"], U),
        ("ISO 3834-3", ["ISO 3834-2"], P),
        ("ISO 3834-2", ["ISO 3834-3"], F),
        ("ISO3834", ["ISO 3834-2:2021"], P),
        ("GWO BST", ["GWO-BST"], P),
        ("特定建設業許可(電気)", ["特定建設業許可(電気、土木)"], P),
        ("特定建設業許可(管)", ["特定建設業許可(電気、土木)"], F),
        ("プライバシーマーク", ["Pマーク"], P),
    ],
)
def test_certificates(asked: str, stated: list[str], expected: Outcome) -> None:
    found = check(
        Criterion(kind=Kind.CERTIFICATION, certification=asked), FirmDocument(id=1, certifications=(*stated,))
    )
    assert found.outcome is expected
    assert (found.asked, found.found) == (asked, stated or None)


@pytest.mark.parametrize(
    ("stated", "confirmed", "expected"),
    [(["ISO 9001"], ["ISO 9001"], P), (["ISO 9001", "GWO BST"], ["GWO BST"], U), (["GWO BST"], ["GWO BST"], F)],
)
def test_a_certificate_that_has_to_be_confirmed_is_open_until_then(
    stated: list[str], confirmed: list[str], expected: Outcome
) -> None:
    firm = FirmDocument(id=1, certifications=(*stated,), confirmed_certifications=(*confirmed,))
    assert check(Criterion(kind=Kind.CERTIFICATION, certification="ISO9001", confirmed=True), firm).outcome is expected


@given(st.text(max_size=40))
def test_any_certificate_can_be_read(text: str) -> None:
    assert all(mark.strip() for mark in marks(text))


@pytest.mark.parametrize(
    ("criterion", "firm", "expected", "found"),
    [
        (Criterion(kind=Kind.PREFECTURE, prefectures=("04", "03")), FirmDocument(id=1, prefecture="03"), P, "03"),
        (Criterion(kind=Kind.PREFECTURE, prefectures=("04",)), FirmDocument(id=1, prefecture="03"), F, "03"),
        (Criterion(kind=Kind.PREFECTURE, prefectures=("04",)), FirmDocument(id=1), U, None),
        (Criterion(kind=Kind.EMPLOYEES, number=20), FirmDocument(id=1, employees=20), P, 20),
        (Criterion(kind=Kind.EMPLOYEES, number=20), FirmDocument(id=1, employees=19), F, 19),
        (Criterion(kind=Kind.EMPLOYEES, number=20), FirmDocument(id=1), U, None),
        (Criterion(kind=Kind.VOLUME, number=12.5), FirmDocument(id=1, monthly_capacity=13), P, 13),
        (Criterion(kind=Kind.VOLUME, number=12.5), FirmDocument(id=1, monthly_capacity=0), F, 0),
        (Criterion(kind=Kind.LEAD_TIME, number=30), FirmDocument(id=1, lead_time_days=30), P, 30),
        (Criterion(kind=Kind.LEAD_TIME, number=30), FirmDocument(id=1, lead_time_days=31), F, 31),
        (Criterion(kind=Kind.LEAD_TIME, number=30), FirmDocument(id=1), U, None),
    ],
)
def test_facts(criterion: Criterion, firm: FirmDocument, expected: Outcome, found: object) -> None:
    result = check(criterion, firm)
    assert (result.outcome, result.found) == (expected, found)


def test_distance_in_kilometres() -> None:
    port = Criterion(kind=Kind.DISTANCE, number=50, latitude=39.75, longitude=140.06)  # Akita port
    noshiro = FirmDocument(id=1, latitude=40.21, longitude=140.03)
    yokote = FirmDocument(id=2, latitude=39.31, longitude=140.55)
    assert check(port, noshiro) == Check(port, F, 50, 51.2)
    assert check(port, yokote).outcome is F
    assert check(port, FirmDocument(id=3, latitude=39.72, longitude=140.10)).outcome is P
    assert check(port, FirmDocument(id=4, latitude=39.72)).outcome is U


@given(*[st.floats(-90, 90), st.floats(-180, 180)] * 2)
def test_distance_is_symmetric_and_bounded(a: float, b: float, c: float, d: float) -> None:
    distance = kilometres(a, b, c, d)
    assert 0 <= distance <= 20016
    assert distance == pytest.approx(kilometres(c, d, a, b), abs=1e-6)
    assert kilometres(a, b, a, b) == 0


def test_a_known_distance() -> None:
    assert kilometres(35.6812, 139.7671, 38.2601, 140.8824) == pytest.approx(303, abs=2)  # Tokyo to Sendai station


def checked(kind: Kind, outcome: Outcome, *, hard: bool = True) -> Check:
    return Check(Criterion(kind=kind, hard=hard, number=1, certification="x", prefectures=("02",)), outcome, None, None)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [([], P), ([P, P], P), ([P, U], U), ([U, F], F), ([F, P], F)],
)
def test_unknown_never_passes(outcomes: list[Outcome], expected: Outcome) -> None:
    wish = checked(Kind.EMPLOYEES, F, hard=False)
    assert verdict([*(checked(Kind.EMPLOYEES, outcome) for outcome in outcomes), wish]) is expected


@pytest.mark.parametrize("kind", list(Kind))
def test_a_criterion_without_its_value_is_refused(kind: Kind) -> None:
    with pytest.raises(ValueError, match="lacks its value"):
        Criterion(kind=kind)
