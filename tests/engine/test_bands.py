"""Grasp worked out by hand, lines between bands, and that the shipped bands are what the command draws."""

import json
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from matching.calibrate import Pairs, calibrate, lines, silence
from matching.engine import bands
from matching.engine.bands import Band, Bands, Level
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import Index, analyse
from matching.engine.match import propose
from matching.engine.settings import Settings
from matching.engine.terms import Entry, Link, TermTable

SAMPLE = Path(__file__).parents[2] / "registry" / "data" / "sample"
UNSERVED = Path(__file__).parent / "unserved.jsonl"
FIRMS = {
    1: FirmDocument(id=1, capability_text="真空ポンプの整備"),
    2: FirmDocument(id=2, capability_text="港湾の荷役"),
}


def grasp(text: str, table: TermTable | None = None) -> list[float]:
    index = Index.build(map(analyse, FIRMS.values()), table=table)
    of_need = index.grasp(analyse(NeedDocument(id=1, text=text, sector="荷役")))
    return [of_need.by(index.terms_of(firm_id)) for firm_id in FIRMS]


def test_grasp_is_the_share_of_a_needs_words_that_a_firm_has() -> None:
    """A word of no firm weighs as the rarest: ln(1 + 2) + 1 against ln(3 / 2) + 1."""
    known, unknown = np.log(3 / 2) + 1, np.log(3) + 1
    assert grasp("ポンプ 整備") == [pytest.approx(1.0), 0.0]
    assert grasp("ポンプ 洋菓子")[0] == pytest.approx(known / (known + unknown))
    assert grasp("") == grasp("洋菓子") == [0.0, 0.0]


def test_a_link_of_the_table_counts_by_its_weight() -> None:
    table = TermTable.build([Entry("減圧", "真空", Link.PROCESS, 0.7)])
    assert grasp("減圧", table) == [pytest.approx(0.7), 0.0]


def test_a_need_that_nobody_speaks_to_has_only_misses() -> None:
    index = Index.build(map(analyse, FIRMS.values()), Settings())
    served = propose(index, NeedDocument(id=1, text="真空ポンプの整備"), FIRMS, 5)
    assert served[0].band is not Band.MISS
    words = "ポンプ 生ケーキ 披露宴 花嫁 牧師 教会 聖歌隊 指輪 花束 司会 引出物 写真館 新婚旅行 招待状"
    lost = propose(index, NeedDocument(id=2, text=words), FIRMS, 5)
    assert [item.band for item in lost] == [Band.MISS] * len(lost)
    assert lost


def pairs(grasp: float, *scored: tuple[float, bool]) -> Pairs:
    return Pairs(np.array([score for score, _ in scored]), np.array([able for _, able in scored]), grasp)


def test_lines_rise_and_silence_wrongs_the_fewest() -> None:
    served = [pairs(0.4, (0.6, True), (0.3, True), (0.3, False), (0.05, False)) for _ in range(20)]
    drawn = lines(served)
    assert [band for band, _ in drawn] == [Band.STRONG, Band.POSSIBLE, Band.WEAK, Band.MISS]
    assert all(drawn[place][1] >= drawn[place + 1][1] for place in range(3))
    assert 0.3 < drawn[0][1] <= 0.6
    assert drawn[1][1] <= 0.3
    assert 0.1 < silence(served, [pairs(0.1)] * 5) <= 0.4
    found = calibrate(served, [pairs(0.1)] * 5)
    assert (found.silenced, found.named) == (0, 0)
    assert found.level("strong").precision == 1
    assert sum(level.pairs for level in found.levels) == 80
    assert Bands.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_a_band_begins_at_its_line() -> None:
    levels = tuple(Level(band, least, 0, 0) for band, least in zip(Band, (0.4, 0.2, 0.1, 0), strict=True))
    drawn = Bands(levels=levels, grasp=0.1, silenced=0, named=0, served=0, unserved=0)
    assert [drawn.of(score) for score in (0.4, 0.39, 0.2, 0.1, 0.09)] == [
        Band.STRONG, Band.POSSIBLE, Band.POSSIBLE, Band.WEAK, Band.MISS,
    ]  # fmt: skip
    assert drawn.of(0.9, served=False) is Band.MISS
    assert drawn.serves([0.0] * 9 + [0.1])
    assert not drawn.serves([0.0] * 10 + [0.1]), "only the first firms count"


def test_the_shipped_bands_are_what_the_command_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / "bands.json"
    call_command("evaluate_matching", firms=SAMPLE / "firms.jsonl", needs=SAMPLE / "needs.jsonl",
                 qrels=SAMPLE / "qrels.tsv", unserved=UNSERVED, bands=True, write_bands=written)  # fmt: skip
    drawn = Bands.from_json(json.loads(written.read_text(encoding="utf-8")))
    shipped = bands.shipped()
    assert (drawn.levels, drawn.grasp) == (shipped.levels, shipped.grasp)
    assert (drawn.silenced, drawn.named) == (shipped.silenced, shipped.named)
    precisions = [level.precision for level in drawn.levels]
    assert precisions == sorted(precisions, reverse=True)
    assert drawn.silenced <= 0.1
    assert drawn.named <= 0.35
    assert "wrongly silenced" in capsys.readouterr().out


def test_bands_need_both_kinds_of_needs() -> None:
    with pytest.raises(CommandError, match="unserved"):
        call_command("evaluate_matching", firms=SAMPLE / "firms.jsonl", needs=SAMPLE / "needs.jsonl",
                     qrels=SAMPLE / "qrels.tsv", bands=True)  # fmt: skip
