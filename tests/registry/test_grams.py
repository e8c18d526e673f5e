"""The index of grams answers exactly what `word in text` answers, and stays true however rows are written."""

from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.models import Proposal
from registry.models import AnchorProject, Firm, Need
from registry.text import fold
from tests.factories import FirmFactory, NeedFactory, PrefectureFactory, ProjectFactory, ProposalFactory

pytestmark = pytest.mark.django_db
LETTERS = "溶接切めッｯキーa%_\\'\"&|!:*()<-~ 　\n😀ﾞ㍿"
TEXTS = st.text(st.sampled_from(LETTERS) | st.characters(), max_size=12)
WORDS = st.text(st.sampled_from(LETTERS), min_size=1, max_size=6)


def names(**lookups: Any) -> set[str]:
    return set(Firm.objects.filter(**lookups).order_by().values_list("name", flat=True))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=6), words=st.lists(WORDS, min_size=1, max_size=4))
def test_a_search_finds_what_the_folded_text_holds(texts: list[str], words: list[str]) -> None:
    Firm.objects.all().delete()
    area = PrefectureFactory()
    texts = [text.replace("\0", "") for text in texts]
    Firm.objects.bulk_create(
        Firm(name=f"№{place}", prefecture=area, capability_text=text) for place, text in enumerate(texts)
    )
    searched = dict(Firm.objects.values_list("name", "search"))
    words += [text[start : start + length] for text in texts[:2] for start in (0, 3) for length in (1, 2, 3, 5)]
    for word in filter(None, (part for one in words for part in fold(one).split())):
        assert names(search__holds=word) == {name for name, text in searched.items() if word in text}, word


def test_the_grams_follow_every_way_of_writing() -> None:
    firm, other = FirmFactory(name="男鹿溶接"), FirmFactory(name="能代塗装")
    assert names(search__holds="溶接") == {"男鹿溶接"}
    firm.name = "男鹿切削"
    firm.save()
    assert names(search__holds="溶接") == set()
    Firm.objects.filter(pk=other.pk).update(search="溶接")
    assert names(search__holds="溶接") == {"能代塗装"}
    firm.search = other.search = "熱処理"
    Firm.objects.bulk_update([firm, other], ["search"])
    assert names(search__holds="熱処") == {"男鹿切削", "能代塗装"}
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_firm SET search = 'x'")
    assert names(search__holds="熱処理") == set()
    other.delete()
    assert names(search__holds="x") == {"男鹿切削"}


def test_a_row_under_an_old_number_is_found_by_its_new_text() -> None:
    firm = FirmFactory(name="男鹿溶接")
    key = firm.pk
    firm.delete()
    FirmFactory(pk=key, name="能代塗装")
    assert names(search__holds="溶接") == set()
    assert names(search__holds="塗装") == {"能代塗装"}


def test_words_of_a_proposal_may_stand_in_its_firm_or_in_its_need() -> None:
    row = ProposalFactory(firm=FirmFactory(name="男鹿鋳造"), need=NeedFactory(title="架台の熱処理"))
    ProposalFactory()
    for words in ("鋳造", "熱処", "架台の熱処理", "男鹿鋳造 熱", "鋳 処"):
        assert list(Proposal.objects.matching_text(words)) == [row], words
    assert not Proposal.objects.matching_text("鋳造 研磨").exists()


@pytest.mark.parametrize(("model", "table"), [(Firm, "firm_grams"), (Need, "need_grams")])
@pytest.mark.parametrize("word", ["溶", "溶接", "熱処理", "マシニング"])
def test_a_search_asks_the_grams(model: type[Firm] | type[Need], table: str, word: str) -> None:
    assert table in model.objects.order_by().matching_text(word).explain()


def test_a_table_without_grams_is_read_through() -> None:
    project = ProjectFactory(name="男鹿沖風力")
    assert list(AnchorProject.objects.matching_text("沖 ﾌｳ")) == []
    assert list(AnchorProject.objects.matching_text("沖風 男")) == [project]
