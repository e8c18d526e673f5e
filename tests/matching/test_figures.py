"""The figures: each number is the count of the list it leads to, for every person and filter, and nothing more."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from matching.models import Answer, Decision, Proposal
from matching.release import make_list, release
from matching.review import take
from registry.charts import Chart
from registry.models import Role
from tests import factories as make

PAGE = "/figures/"


@pytest.fixture
def world(db: None) -> dict[str, Any]:
    """Proposals of two offices: decided, listed, answered, late, dropped and missed."""
    akita, aomori = make.OfficeFactory("05"), make.OfficeFactory("02", "05")
    people = {"akita": make.UserFactory(Role.COORDINATOR), "aomori": make.UserFactory(Role.COORDINATOR)}
    akita.members.add(people["akita"])
    aomori.members.add(people["aomori"])
    fab = make.ProjectFactory(sector=make.SectorFactory("semiconductor"))
    needs = [make.NeedFactory(office=akita), make.NeedFactory(office=aomori, project=fab), make.NeedFactory()]
    firms = [make.FirmFactory() for _ in range(4)]
    firms.append(make.FirmFactory(municipality=make.MunicipalityFactory("02202")))
    for need in needs:
        for firm in firms:
            make.ProposalFactory(need=need, firm=firm)
    first = list(Proposal.objects.filter(need=needs[0]).order_by("pk"))
    take("shortlist", first[0], by=people["akita"], reason="fit")
    take("shortlist", first[1], by=people["akita"], reason="fit")
    take("reject", first[2], by=people["akita"], reason="distance")
    for proposal in first[:2]:
        make.ConsentFactory(proposal)
    made = make_list(needs[0], by=people["akita"], recipient="T1")
    release(made, by=people["akita"])
    one, other = made.entries.all()
    for number, verdict in enumerate(("contract", "reject"), start=1):
        Answer.objects.create(entry=one, number=number, verdict=verdict, by=people["akita"])
    Answer.objects.create(entry=other, number=1, verdict="contract", by=people["akita"])
    second = list(Proposal.objects.filter(need=needs[1]).order_by("pk"))
    Proposal.objects.filter(pk=second[0].pk).update(
        proposed_at=timezone.now() - timedelta(days=70), due_on=timezone.localdate() - timedelta(days=1)
    )
    Proposal.objects.filter(pk=second[1].pk).update(band="miss")
    Proposal.objects.filter(pk=second[2].pk).update(dropped_at=timezone.now())
    return people | {"bureau": make.BureauFactory(), "project": fab.pk, "office": akita.pk}


def charts(client: Client, query: str = "") -> dict[str, Chart]:
    answer = client.get(PAGE + query)
    assert answer.status_code == 200
    return {chart.name: chart for chart in answer.context["charts"]}


def column(chart: Chart, index: int = 0) -> list[int]:
    return [row.numbers[index].count for row in chart.rows]


def test_the_funnel_counts_how_far_each_proposal_came(world: dict[str, Any]) -> None:
    bureau = charts(make.sign_in(world["bureau"]))
    assert column(bureau["funnel"]) == [14, 3, 2, 0, 0, 2, 2, 1]
    assert column(bureau["prefectures"]) == [3, 11]
    assert column(bureau["clusters"]) == [4, 10] or column(bureau["clusters"]) == [10, 4]
    assert (sum(column(bureau["months"])), len(bureau["months"].rows)) == (14, 2)
    assert [sum(column(bureau["weeks"], index)) for index in range(4)] == [2, 1, 0, 0]
    assert sorted(zip(column(bureau["offices"]), column(bureau["offices"], 1), strict=True)) == [(2, 0), (3, 1), (5, 0)]
    assert column(charts(make.sign_in(world["akita"]))["funnel"]) == [11, 3, 2, 0, 0, 2, 2, 1]


def test_another_offices_lists_and_answers_show_in_nobody_elses_funnel(world: dict[str, Any]) -> None:
    assert column(charts(make.sign_in(world["aomori"]))["funnel"]) == [14, 3, 2, 0, 0, 0, 0, 0]


def listed(client: Client, url: str) -> int:
    """What the list itself counts: the queue at the address that its page counts with, the decisions on the page."""
    if url.startswith(reverse("matching:queue")):
        return int(client.get(url.replace("/proposals/", "/proposals/count/", 1)).content)
    count: int = client.get(url).context["page_obj"].paginator.count
    return count


def test_every_number_is_the_count_of_its_list(world: dict[str, Any]) -> None:
    today = timezone.localdate()
    queries = ["", f"?office={world['office']}", "?office=null", f"?project={world['project']}&proposed_to={today}"]
    queries += [f"?prefecture=05&cluster=wind&proposed_from={today - timedelta(days=65)}"]
    bureau, akita = make.sign_in(world["bureau"]), make.sign_in(world["akita"])
    for client, query in [*((bureau, query) for query in queries), (akita, "")]:
        rows = [row for chart in charts(client, query).values() for row in chart.rows]
        counts = {number.url: number.count for row in rows for number in row.numbers if number.count}
        assert len(counts) > 5
        assert {url: listed(client, url) for url in counts} == counts


def test_the_file_holds_the_numbers_of_the_page(world: dict[str, Any]) -> None:
    client = make.sign_in(world["bureau"])
    body = b"".join(client.get(reverse("matching:figures-export", args=["csv"]) + "?cluster=wind"))
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    shown = charts(client, "?cluster=wind").values()
    assert [int(row[3]) for row in rows[1:]] == [n.count for chart in shown for row in chart.rows for n in row.numbers]
    assert client.get(reverse("matching:figures-export", args=["xlsx"]) + "?clutser=wind").status_code == 400


def test_decisions_are_seen_with_their_proposals_and_the_page_counts_in_few_queries(world: dict[str, Any]) -> None:
    assert Decision.objects.visible_to(world["bureau"]).count() == 3
    hidden = make.FirmFactory(municipality=make.MunicipalityFactory("03206"))
    proposal = make.ProposalFactory(firm=hidden)
    client = make.sign_in(world["akita"])
    client.get(PAGE)  # the filter's choices are read once and kept for a while
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    for _ in range(3):
        make.ProposalFactory(need=make.NeedFactory(office=make.OfficeFactory("05")))
    take("hold", proposal, by=world["bureau"])
    with CaptureQueriesContext(connection) as many:
        client.get(PAGE)
    assert len(few) == len(many) <= 16
    assert Decision.objects.visible_to(world["akita"]).count() == 3
    assert client.get("/decisions/?step=hold").context["page_obj"].paginator.count == 0
