"""Who is shown how often, and the cap that moves nobody who misses a must up."""

import csv
import io
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from matching import store
from matching.models import Proposal
from matching.propose import propose
from matching.release import make_list
from matching.review import take
from registry.models import Need
from tests.factories import (
    BureauFactory,
    ConsentFactory,
    CoordinatorFactory,
    FirmFactory,
    MunicipalityFactory,
    NeedFactory,
    ProjectFactory,
    ProposalFactory,
    sign_in,
)

pytestmark = pytest.mark.django_db


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._at = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._at = dict(attrs).get("href") or "" if tag == "a" else ""

    def handle_data(self, data: str) -> None:
        if self._at.startswith(reverse("matching:queue") + "?") and data.strip().isdecimal():
            self.found.append((self._at, data.strip()))


def numbers_lead_to_their_rows(client: Client, url: str) -> int:
    """Each number of the page opens a queue of so many rows; returns how many numbers there are."""
    links = Links()
    links.feed(client.get(url).content.decode())
    for href, number in links.found:
        queue = client.get(href)
        assert queue.context["page_obj"].paginator.count == int(number), href
    return len(links.found)


def test_shares_are_counted_and_lead_to_their_proposals(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    akita = CoordinatorFactory("05")
    needs = [NeedFactory(project=ProjectFactory(municipality=MunicipalityFactory("05202"))) for _ in range(4)]
    often, seldom, away = FirmFactory(name="度々"), FirmFactory(name="稀"), FirmFactory(
        name="遠方", municipality=MunicipalityFactory("02201")
    )  # fmt: skip
    for need in needs:
        first = ProposalFactory(need=need, firm=often, rank=1)
        ProposalFactory(need=need, firm=away, rank=2)
    ProposalFactory(need=needs[0], firm=seldom, rank=40)
    old = ProposalFactory(need=needs[1], firm=seldom, rank=10)
    Proposal.objects.filter(pk=old.pk).update(proposed_at=timezone.now() - timedelta(days=60))
    take("shortlist", first, by=akita, reason="fit")
    ConsentFactory(first)
    make_list(needs[3], by=akita, recipient="T1")

    url, bureau = reverse("matching:exposure"), sign_in(BureauFactory())
    bureau.get(url)
    with django_assert_max_num_queries(12):
        page = bureau.get(url)
    rows = [
        (row["name"], row["first"], row["proposals"], row["shortlisted"], row["listed"])
        for row in page.context["page_obj"]
    ]
    assert rows == [("度々", 4, 4, 1, 1), ("遠方", 4, 4, 0, 0), ("稀", 1, 2, 0, 0)]
    since = timezone.localdate() - timedelta(days=7)
    for query in ("", "?by=prefecture", f"?proposed_from={since}&cluster=wind", f"?by=prefecture&proposed_to={since}"):
        assert numbers_lead_to_their_rows(bureau, url + query) >= 4
    exported = bureau.get(f"{url}export.csv?proposed_from={since}").getvalue().decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(exported)))
    assert [line[1:4] for line in lines[1:]] == [["度々", "4", "50.0"], ["遠方", "4", "50.0"], ["稀", "0", "0.0"]]
    seen = sign_in(akita).get(url).content.decode()
    assert "度々" in seen
    assert "遠方" not in seen
    assert bureau.get(f"{url}export.csv?by=town").status_code == 400


@pytest.mark.usefixtures("own_var")
def test_a_cap_moves_a_firm_down_in_later_needs_and_says_so(settings: LazySettings) -> None:
    for number in range(14):
        FirmFactory(
            name=f"会社{number}", capability_text="鋼製架台の溶接と塗装" if number else "鋼製架台の溶接と塗装、架台"
        )
    needs: list[Need] = [NeedFactory(title="風車内部の架台", text="鋼製架台の溶接と塗装") for _ in range(3)]
    store.rebuild()

    def first_of(need: Need) -> list[int]:
        propose(need)
        return list(need.proposals.filter(rank__lte=10).order_by("rank").values_list("firm", flat=True))

    free = [first_of(need) for need in needs]
    assert free[0] == free[1] == free[2]
    settings.EXPOSURE_CAP = 2.0
    capped = [first_of(need) for need in needs]
    assert capped[:2] == free[:2]
    assert len(set(capped[2]) - set(free[2])) == 4  # four others there are; then the order stays
    assert capped[2][:4] == [firm for firm in capped[2] if firm not in free[2]]
    assert capped == [first_of(need) for need in needs]
    moved = needs[2].proposals.filter(capped=True)
    assert set(moved.values_list("firm", flat=True)) <= set(free[2])
    page = sign_in(BureauFactory()).get(moved.earliest("rank").get_absolute_url()).content.decode()
    assert "moved down by the exposure cap" in page
    settings.EXPOSURE_CAP = 0.0
    assert [first_of(need) for need in needs] == free
