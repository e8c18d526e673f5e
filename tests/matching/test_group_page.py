"""The working page of a group: members are added, swapped and taken out, and nothing that makes no sense gets in."""

import re
from typing import Any

import pytest

from matching.models import Group, GroupEvent
from matching.standing import standing
from registry.models import Firm, User
from tests.factories import (
    BureauFactory,
    CapabilityFactory,
    FirmFactory,
    MunicipalityFactory,
    sign_in,
)
from tests.matching.story import (
    TEXT,
    A,
    C,
    accepted,
    join,
    member,
    now,
    text,
    url,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_var"), pytest.mark.on_postgres]


def test_the_members_are_worked_on_by_the_page(group: Group, akita: User, story_firms: dict[str, Firm]) -> None:
    browser, page = sign_in(akita), text(sign_in(akita), group.get_absolute_url())
    assert ("outside 80 km: 91 km" in page, "13 a month of 12 asked for" in page) == (True, True)
    form = {"seen": group.version, "member": member(group, C).pk}
    assert browser.post(url(group, "share"), form | {"amount": 1, "steps": ["coating"]}).status_code == 302
    assert member(group, C).amounts == {"welding": 1, "coating": None}
    form["seen"] = now(group).group.version
    assert browser.post(url(group, "lead"), form).status_code == 302
    assert (member(group, C).is_lead, member(group, C).position, member(group, A).is_lead) == (True, 1, False)
    assert member(group, A).to_lead_km == pytest.approx(46, abs=1)
    form = {"seen": now(group).group.version, "member": member(group, C).pk}
    assert browser.post(url(group, "remove"), form).status_code == 302
    assert (now(group).volume, now(group).uncovered, member(group, A).is_lead) == (11, ["coating"], True)
    form = {"seen": now(group).group.version, "key": story_firms[C].pk}
    assert browser.post(url(group, "add"), form).status_code == 302
    assert (now(group).volume, now(group).uncovered) == (13, [])
    page = text(browser, group.get_absolute_url())
    for words in ("Firm added", "Firm taken out", "Lead firm chosen", "Share changed", "Group kept"):
        assert words in page


def test_the_composer_offers_who_could_replace_a_member(group: Group, akita: User) -> None:
    weld, coat = CapabilityFactory("welding"), CapabilityFactory("coating")
    FirmFactory(
        name="平川塗装", municipality=MunicipalityFactory("02202"), monthly_capacity=4, capability_text=TEXT,
        capabilities=[weld, coat],
    )  # fmt: skip
    browser = sign_in(akita)
    page = browser.get(group.get_absolute_url())
    line = next(one for one in page.context["lines"] if one.name == C)
    best = line.swaps[0]
    assert (best.name, best.steps, best.capacity) == ("a firm in Aomori", "Coating, Fabrication welding", "4")
    assert not best.key.isdecimal()
    assert re.findall(r'verdict-pass">\s*(\w+)', page.content.decode()).count("Met") == len(group.members.all()) + 1
    form = {"seen": group.version, "member": member(group, C).pk, "key": best.key}
    assert browser.post(url(group, "swap"), form).status_code == 302
    assert member(group, "平川塗装").amounts == {"coating": None, "welding": 4}
    assert (now(group).volume, now(group).uncovered) == (15, [])
    assert GroupEvent.objects.get(act="swap").other == Firm.objects.get(name=C)


def test_any_firm_of_the_scope_is_found_with_what_speaks_against_it(group: Group, akita: User) -> None:
    FirmFactory(name="秋田印刷", capability_text="印刷と製本。")
    FirmFactory(name="青森印刷", municipality=MunicipalityFactory("02202"))
    page = text(sign_in(akita), f"{group.get_absolute_url()}?q=印刷")
    assert ("秋田印刷" in page, "its profile names none of the steps" in page, "青森印刷" in page) == (
        True,
        True,
        False,
    )
    assert sign_in(akita).get(f"{group.get_absolute_url()}?q=%00x").status_code == 200
    assert "No published firm" in text(sign_in(akita), f"{group.get_absolute_url()}?q=見つからない語")


@pytest.mark.parametrize(
    ("act", "form", "words"),
    [
        ("share", {"amount": 9}, "8 pieces a month"),
        ("share", {"amount": 8}, "as it was"),
        ("share", {"amount": 8, "steps": ["coating"]}, "does not name “Coating”"),
        ("lead", {}, "leads the group already"),
        ("add", {"key": "999999"}, "not among the candidates"),
        ("add", {"key": "x" * 20}, "not among the candidates"),
        ("swap", {"key": ""}, "not among the candidates"),
        ("remove", {"member": 0}, "not in the group any more"),
        ("remove", {"seen": 7}, "Somebody else changed this group"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    act: str, form: dict[str, Any], words: str, group: Group, akita: User
) -> None:
    data = {"seen": group.version, "member": member(group, A).pk} | form
    answer = sign_in(akita).post(url(group, act), data)
    assert (answer.status_code, words in answer.content.decode()) == (409, True)
    group.refresh_from_db()
    assert (group.version, group.events.count()) == (1, 1)


def test_the_page_reads_in_a_bounded_number_of_queries(
    group: Group, akita: User, aomori: User, django_assert_max_num_queries: Any
) -> None:
    accepted(group, akita, aomori)
    join(group, A)
    browser = sign_in(akita)
    browser.get(group.get_absolute_url())
    with django_assert_max_num_queries(45):
        browser.get(group.get_absolute_url())
    with django_assert_max_num_queries(15):
        standing(group)


def test_of_two_changes_from_one_page_the_second_is_told_and_keeps_its_input(group: Group, akita: User) -> None:
    bureau, form = sign_in(BureauFactory()), {"seen": group.version, "member": member(group, A).pk}
    assert bureau.post(url(group, "share"), form | {"amount": 7}).status_code == 302
    answer = sign_in(akita).post(url(group, "share"), form | {"amount": 6})
    assert answer.status_code == 409
    line = next(one for one in answer.context["lines"] if one.name == A)
    assert (line.share["amount"].value(), line.share["seen"].value()) == ("6", "2")
    assert member(group, A).amounts == {"welding": 7}
