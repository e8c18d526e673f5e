"""How many queries each list and dashboard takes: recorded, bounded, and no more for a hundred rows than for ten."""

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import unwrap
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from matching.models import CandidateList, Contact, Decision, MatchRun, Proposal, Task
from registry.imports import upload
from registry.listing import Listing, kept
from registry.models import Consortium, DuplicatePair, ErasureRequest, Event, Firm, Need, Role, User
from registry.notices import tell
from registry.tokens import make as make_token
from tests import factories as make
from tests.test_access import own_routes

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]
MOST = 20
SLACK = 2
"""The databases differ by a savepoint or so, and the first row of a kind may bring something to prefetch."""

# Address and its arguments, who reads, queries. Better is welcome: write it down, so that nobody loses it again.
TABLE = """
registry:home                     akita   13
registry:home                     bureau  12
registry:home                     firm    18
registry:home                     anchor  6
registry:firms                    akita   16
registry:firms                    bureau  15
registry:firms                    firm    16
registry:firms?q=溶接               akita   14
registry:firms-export csv         akita   10
registry:firms-export xlsx        bureau  9
registry:equipment-export csv     akita   6
registry:certificates-export xlsx akita   6
registry:capabilities-export csv  akita   6
registry:memberships-export xlsx  akita   6
registry:events                   akita   6
registry:attendance-export csv    akita   6
registry:firm-history firm        akita   6
registry:people firm              firm    8
registry:projects                 anchor  7
registry:projects-export csv      akita   3
registry:needs                    akita   13
registry:needs                    bureau  12
registry:needs                    firm    13
registry:needs                    anchor  13
registry:needs-export xlsx        akita   9
registry:consortia                akita   6
registry:consortia-export csv     akita   4
registry:consortium consortium    akita   9
registry:map                      akita   13
registry:claims                   akita   6
registry:erasures                 akita   6
registry:claims-export csv        akita   4
registry:erasures-export csv      akita   4
registry:notices-export csv       firm    3
registry:imports-export csv       akita   4
registry:duplicates               akita   9
registry:duplicates-export csv    akita   4
registry:imports                  akita   6
registry:notices                  firm    5
matching:queue                    akita   15
matching:queue                    bureau  15
matching:queue?q=溶接               akita   14
matching:proposals-count          akita   5
matching:proposals-export csv     akita   5
matching:filters                  akita   6
matching:decisions                akita   10
matching:decisions-export csv     bureau  3
matching:figures                  akita   13
matching:figures                  bureau  12
matching:figures-export csv       akita   8
matching:exposure                 akita   9
matching:exposure-export csv      bureau  4
matching:concerns                 firm    13
matching:consents                 firm    7
matching:inquiries                akita   6
matching:inquiries-export csv     akita   4
matching:proposal-contacts proposal akita 6
matching:firm-contacts firm       akita   6
matching:lists                    akita   7
matching:lists                    anchor  7
matching:lists-export csv         akita   5
matching:groups need              akita   16
matching:learning                 akita   7
matching:runs                     akita   8
matching:runs-export csv          akita   3
run-list                          akita   5
learning-list                     akita   4
firm-list                         akita   11
firm-list                         firm    9
project-list                      anchor  4
need-list                         akita   10
need-list                         anchor  10
proposal-list                     akita   6
list-list                         akita   5
list-list                         anchor  5
link-list                         akita   5
group-list                        akita   11
inquiry-list                      akita   5
concern-list                      firm    9
consent-list                      firm    5
disclosure-list                   firm    5
contact-list                      akita   5
registry:tokens-everybody         admin   5
registry:tokens-everybody-export csv bureau 3
matching:tasks                    akita   7
matching:tasks-export csv         akita   5
task-list                         akita   6
event-list                        akita   5
attendance-list                   akita   5
import-list                       akita   5
import-list                       anchor  3
duplicate-list                    akita   5
claim-list                        akita   5
erasure-list                      akita   5
notice-list                       firm    4
own-task-list                     firm    4
told-list                         firm    5
part-list                         akita   11
consortium-list                   akita   4
membership-list                   akita   4
decision-list                     akita   5
"""


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    words: tuple[str, ...]
    query: str
    person: str
    queries: int


def entries() -> Iterator[Entry]:
    for line in TABLE.strip().splitlines():
        address, *words, person, queries = line.split()
        name, _mark, query = address.partition("?")
        yield Entry(name, tuple(words), query, person, int(queries))


class World:
    """One office, one firm and one buyer, and as many rows of every kind that they see as are asked for."""

    def __init__(self) -> None:
        self.akita, self.bureau = make.CoordinatorFactory("05"), make.BureauFactory()
        self.admin = make.UserFactory(Role.ADMIN)
        self.office = self.akita.offices.get()
        self.project = make.ProjectFactory()
        self.main_firm, self.main_need = make.FirmFactory(), make.NeedFactory(project=self.project)
        self.firm, self.anchor = make.FirmUserFactory(self.main_firm), make.AnchorFactory(self.project)
        self.main = make.ProposalFactory(need=self.main_need, firm=self.main_firm)
        self.made = 0

    @property
    def keys(self) -> dict[str, Any]:
        consortium = Consortium.objects.first()
        return {
            "firm": self.main_firm.pk,
            "need": self.main_need.pk,
            "proposal": self.main.pk,
            "consortium": consortium.pk if consortium else "",
        }

    def grow(self, until: int) -> None:
        while self.made < until:
            self.made += 1
            firm, need = self._firm(), self._need()
            self._proposals(firm, need)
            self._papers(firm, need)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # what a database does by itself once rows are committed; else plans are guesses

    def _firm(self) -> Firm:
        firm = make.FirmFactory(capabilities=[make.CapabilityFactory()], certifications=[make.CertificationFactory()])
        firm.equipment.create(name="クレーン", count=1)
        firm.consortia.add(Consortium.objects.create(code=f"k{self.made}", name=f"協議会{self.made}"))
        Consortium.objects.order_by("pk").first().firms.add(firm)  # type: ignore[union-attr]
        firm.events.create(kind="change", by=self.akita, changes=[["address", "", "秋田"]])
        self.main_firm.events.create(kind="change", by=self.firm, changes=[["address", "", "秋田"]])
        self.main_firm.memberships.create(user=make.UserFactory(), role="member")
        return firm

    def _need(self) -> Need:
        need = make.NeedFactory(project=self.project, office=self.office)
        need.capabilities.add(make.CapabilityFactory())
        make.CriterionFactory(need, kind="prefecture", prefectures=[make.PrefectureFactory()])
        make.CriterionFactory(need, kind="certification", certification=make.CertificationFactory(), stated="ISO 9001")
        make.ProjectFactory()
        return need

    def _proposals(self, firm: Firm, need: Need) -> None:
        state = list(Proposal.State)[self.made % 4]
        checks = [make.check(), make.check("prefecture", "fail", asked=["02"], found="05")]
        for row in (
            make.ProposalFactory(need=self.main_need, firm=firm, assignee=self.akita, checks=checks),
            make.ProposalFactory(need=need, firm=self.main_firm, state=state, office=self.office, checks=checks),
        ):
            Decision.objects.create(proposal=row, step="hold", source="proposed", target="held", by=self._somebody())
            make.ConsentFactory(row, by=self.firm)
            make.InquiryFactory(need=row.need, firm=row.firm, asked_by=self._somebody())
        talk: dict[str, Any] = {
            "day": timezone.localdate(),
            "kind": "call",
            "whom": "営業",
            "minutes": 5,
            "summary": "x",
        }
        Contact.objects.create(firm=self.main_firm, proposal=self.main, by=self._somebody(), **talk)

    def _papers(self, firm: Firm, need: Need) -> None:
        make.ClaimFactory(firm=firm)
        DuplicatePair.objects.create(first=self.main_firm, second=firm, score=90)
        task: dict[str, Any] = {"title": "訪問", "due_on": timezone.localdate(), "office": self.office}
        Task.objects.create(firm=firm, need=need, made_by=self._somebody(), assignee=self.akita, **task)
        ErasureRequest.objects.create(firm=firm, made_by=self._somebody(), due_on=timezone.localdate())
        event = Event.objects.create(name=f"商談会{self.made}", held_on=timezone.localdate(), office=self.office)
        event.attendances.create(firm=firm, name=firm.name)
        upload(f"{self.made}.csv", "名称,都道府県\na,秋田県".encode(), by=self.akita, source="x")
        MatchRun.objects.create(requested_by=self._somebody(), state="finished", finished_at=timezone.now())
        tell([self.firm], "claim.approve", "/", firm=firm.name)
        make_token(self._somebody(), name="x", access="read", resources=[], days=30)
        CandidateList.objects.create(
            number=f"L-{self.made}",
            need=need,
            recipient="T1",
            office=self.office,
            made_by=self._somebody(),
            state="released",
        )
        group = self.main_need.groups.create(number=self.made, made_by=self._somebody())
        group.members.create(firm=firm, position=1, verdict="pass")
        self.akita.saved_filters.create(name=f"f{self.made}", query="score=80")

    def _somebody(self) -> User:
        somebody = make.UserFactory(password="x")
        self.office.members.add(somebody)
        return somebody


def browser(world: World, person: str) -> Client:
    client = Client()
    client.force_login(getattr(world, person))
    return client


def count(entry: Entry, world: World) -> int:
    kept.forget()
    client = browser(world, entry.person)
    url = reverse(entry.name, args=[world.keys.get(word, word) for word in entry.words])
    with CaptureQueriesContext(connection) as queries:
        answer: Any = client.get(f"{url}?{entry.query}")
        _ = b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code == 200, (entry, answer.content)
    return len(queries)


def test_a_list_takes_as_many_queries_for_a_hundred_rows_as_for_ten() -> None:
    world, table = World(), list(entries())
    world.grow(10)
    few = {entry: count(entry, world) for entry in table}
    world.grow(100)
    many = {entry: count(entry, world) for entry in table}
    assert {entry: (few[entry], many[entry]) for entry in table if abs(many[entry] - few[entry]) > SLACK} == {}
    assert {entry: many[entry] for entry in table if abs(many[entry] - entry.queries) > SLACK} == {}
    assert {entry: many[entry] for entry in table if many[entry] > MOST} == {}


def test_no_list_is_without_an_entry() -> None:
    listed = {name for name, view in own_routes().items() if shows_a_listing(view)}
    assert listed - {entry.name for entry in entries()} == set()
    assert len(listed) > 15


def shows_a_listing(view: Any) -> bool:
    """Whether a view shows the rows of a Listing: an API view names it in its class, a function in its code."""
    api = getattr(view, "cls", None)
    if api is not None:
        return hasattr(api, "listing") and "list" in view.actions.values()
    inner = unwrap(view)
    return any(isinstance(inner.__globals__.get(name), Listing) for name in inner.__code__.co_names)
