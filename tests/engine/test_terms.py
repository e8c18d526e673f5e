"""The term table: what it refuses, what it links, and that the shipped one is sound."""

import csv
from collections import Counter

import pytest

from matching import terms
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import Index, analyse
from matching.engine.score import Origin
from matching.engine.terms import Entry, Link, TermsRefused, TermTable, phrase, problems
from registry.intake.catalogue import DATA


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([Entry("の", "溶接", Link.SYNONYM)], "no word that is matched"),
        ([Entry("溶接", "", Link.SYNONYM)], "no word that is matched"),
        ([Entry("溶接", "鎔接", Link.SYNONYM, 0.0)], "weight 0.0"),
        ([Entry("溶接", "接合", Link.SYNONYM, 1.5)], "weight 1.5"),
        ([Entry("めっき", "メッキ", Link.SYNONYM)], "the same word already"),
        ([Entry("溶接", "接合", Link.PROCESS), Entry("溶接", "接合", Link.SYNONYM)], "stands in entry 1 already"),
        ([Entry("溶接", "接合", Link.NARROWER), Entry("接合", "溶接", Link.NARROWER)], "a circle"),
        (
            [Entry("a1", "b1", Link.NARROWER), Entry("b1", "c1", Link.NARROWER), Entry("c1", "a1", Link.NARROWER)],
            "a circle",
        ),
    ],
)
def test_a_wrong_entry_is_refused_with_a_reason(entries: list[Entry], reason: str) -> None:
    assert [problem.row for problem in problems(entries)] == [len(entries) - 1]
    with pytest.raises(TermsRefused, match=reason):
        TermTable.build(entries)


def links(table: TermTable, text: str) -> dict[str, float]:
    return {" ".join(link.target): link.weight for link in table.links(phrase(text))}


def test_what_holds_in_which_direction() -> None:
    table = TermTable.build(
        [
            Entry("アルマイト", "anodizing", Link.TRANSLATION),
            Entry("表面処理", "アルマイト", Link.NARROWER, 0.6),
            Entry("絶縁膜", "アルマイト", Link.PROCESS, 0.7),
        ]
    )
    assert links(table, "anodizing") == {"アルマイト": 1.0, "表面 処理": 0.3}
    assert links(table, "表面処理") == {"アルマイト": 0.6, "anodizing": 0.6}
    assert links(table, "絶縁膜") == {"アルマイト": 0.7, "anodizing": 0.7, "表面 処理": pytest.approx(0.21)}
    assert "絶縁 膜" not in links(table, "アルマイト")
    assert links(table, "塗装") == {}


def test_links_end_after_two_steps() -> None:
    chain = [Entry(f"w{number}", f"w{number + 1}", Link.PROCESS) for number in range(4)]
    assert set(links(TermTable.build(chain), "w0")) == {"w1", "w2"}


def test_a_table_is_kept_as_json() -> None:
    entries = [Entry("減圧", "真空", Link.PROCESS, 0.7), Entry("真空", "vacuum", Link.TRANSLATION)]
    table = TermTable.build(entries)
    assert TermTable.build(entries[::-1]).to_json() == table.to_json()
    assert links(TermTable.from_json(table.to_json()), "減圧") == links(table, "減圧")


def test_a_linked_word_finds_the_firm_and_says_why() -> None:
    firms = [
        FirmDocument(id=1, capability_text="真空ポンプの分解整備"),
        FirmDocument(id=2, capability_text="菓子の製造"),
        FirmDocument(id=3, capability_text="木材の加工"),
    ]
    table = TermTable.build([Entry("減圧", "真空", Link.PROCESS, 0.7)])
    index = Index.build(map(analyse, firms), table=table)
    found = index.rank(analyse(NeedDocument(id=1, text="減圧機器の手入れ")), 1)
    assert found[0].firm_id == 1
    reason = next(item for item in found[0].terms if item.term == "真空")
    assert (reason.origin, reason.via) == (Origin.LINKED, "減圧")
    assert sum(item.contribution for item in found[0].terms) == pytest.approx(found[0].score, abs=1e-6)


def test_the_shipped_table_is_sound_and_large() -> None:
    entries = terms.read(DATA / "terms.csv")
    assert list(problems(entries)) == []
    assert len(entries) >= 1500
    assert set(Counter(entry.kind for entry in entries)) == set(Link)
    assert "めっき" in " ".join(entry.target for entry in entries)
    assert links(terms.shipped(), "vacuum pump")["真空"] > 0.5


def test_the_shipped_file_has_its_columns() -> None:
    with (DATA / "terms.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == ["term", "target", "kind", "weight"]
