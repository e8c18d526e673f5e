"""Building, saving and loading an index, and every way in which a saved one can be wrong."""

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import artefact, text
from matching.engine.artefact import IndexDamaged, IndexOutdated
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import Analysis, Index, analyse
from matching.engine.settings import Settings
from matching.engine.terms import Entry, Link, TermTable

FIRMS = [
    FirmDocument(id=7, name="北上精機", capability_text="真空ポンプの分解整備、精密切削加工", equipment=("5軸MC 3台",)),
    FirmDocument(id=3, name="奥州めっき", capability_text="亜鉛めっき、アルマイト処理", products=("ボルト",)),
    FirmDocument(id=5, name="港湾建設", capability_text="洋上風力タワーの据付、クレーン作業", prefecture="05"),
    FirmDocument(id=9, name=""),
]
NEED = NeedDocument(id=1, title="真空機器の整備", text="ポンプを分解して整備できる会社")

words = st.sampled_from(["鋳造", "溶接", "切削", "鍍金", "研磨", "検査", "塗装", "組立"])
analyses = st.lists(
    st.fixed_dictionaries({}, optional={name: st.lists(words, max_size=6) for name in ("name", "capability_text")}),
    max_size=12,
).map(lambda many: [Analysis(id=number, fields=fields) for number, fields in enumerate(many, 1)])


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    Index.build(map(analyse, FIRMS)).save(tmp_path / "index")
    return tmp_path / "index"


def test_the_nearest_firm_is_found_with_its_reasons() -> None:
    index = Index.build(map(analyse, FIRMS))
    best = index.rank(analyse(NEED), 3)[0]
    assert best.firm_id == 7
    assert {item.term for item in best.terms} >= {"ポンプ", "真空", "分解", "整備"}
    assert sum(item.contribution for item in best.terms) == pytest.approx(best.score, abs=1e-6)


def test_a_firm_vector_is_its_row_in_the_index() -> None:
    index = Index.build(map(analyse, FIRMS))
    for firm in FIRMS:
        vector = index.firm_vector(analyse(firm)).toarray()
        assert vector == pytest.approx(index.by_firm[[index.row_of(firm.id)]].toarray(), abs=1e-6)


def test_a_profile_of_one_word_does_not_win_on_it() -> None:
    firms = [
        FirmDocument(id=1, capability_text="溶接"),
        FirmDocument(id=2, capability_text="架台の溶接、配管の溶接、ステンレス溶接"),
        *(FirmDocument(id=number, capability_text="塗装と検査と研磨と組立") for number in range(3, 9)),
    ]
    need = NeedDocument(id=1, text="配管の溶接")
    index = Index.build(map(analyse, firms))
    assert [match.firm_id for match in index.rank(analyse(need), 2)] == [2, 1]


@pytest.mark.parametrize("firms", [[], [FirmDocument(id=1)], [FirmDocument(id=2, capability_text="、。")]])
def test_an_index_without_words_finds_nothing(firms: list[FirmDocument], tmp_path: Path) -> None:
    Index.build(map(analyse, firms)).save(tmp_path / "index")
    index = Index.load(tmp_path / "index")
    assert index.rank(analyse(NEED), 3) == []


def test_a_firm_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        Index.build([analyse(FIRMS[0]), analyse(FIRMS[0])])


@given(analyses)
@settings(max_examples=60, deadline=None)
def test_what_is_saved_is_loaded(tmp_path_factory: pytest.TempPathFactory, firms: list[Analysis]) -> None:
    folder = tmp_path_factory.mktemp("saved") / "index"
    built = Index.build(firms, Settings(pivot=0.3), TermTable.build([Entry("溶接", "検査", Link.PROCESS, 0.5)]))
    version = built.save(folder)
    loaded = Index.load(folder)
    assert (loaded.version, loaded.settings, list(loaded.terms)) == (version, built.settings, list(built.terms))
    assert np.array_equal(loaded.ids, built.ids)
    assert np.array_equal(loaded.matrix.toarray(), built.matrix.toarray())
    needs = [Analysis(id=1, fields={"text": ["溶接", "検査", "unknown"]})]
    vectors = loaded.need_vectors(needs)
    assert np.array_equal(vectors.toarray(), built.need_vectors(needs).toarray())
    assert loaded.rank(needs[0], 5) == built.rank(needs[0], 5)


def test_equal_firms_give_an_equal_version(tmp_path: Path) -> None:
    versions = {
        Index.build(map(analyse, firms)).save(tmp_path / name) for name, firms in {"a": FIRMS, "b": FIRMS[::-1]}.items()
    }
    assert len(versions) == 1


def test_an_index_is_never_overwritten(saved: Path) -> None:
    with pytest.raises(FileExistsError):
        Index.build([]).save(saved)


def test_a_half_written_folder_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "index.part").mkdir()
    (tmp_path / "index.part" / "junk").write_text("half")
    Index.build(map(analyse, FIRMS)).save(tmp_path / "index")
    assert Index.load(tmp_path / "index").row_of(3) == 0
    assert not (tmp_path / "index.part").exists()


def test_only_the_owner_reads_an_index(saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


class Trap:
    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("exit 1",)


def swap_in_a_pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps(Trap()))


@pytest.mark.parametrize("harm", [flip, cut, Path.unlink, swap_in_a_pickle])
@pytest.mark.parametrize(
    "name", ["firm_data.npy", "term_indices.npy", "ids.npy", "terms.json", "table.json", "manifest.json"]
)
def test_damage_is_found(saved: Path, name: str, harm: Callable[[Path], None]) -> None:
    harm(saved / name)
    with pytest.raises((IndexDamaged, IndexOutdated), match="build_index"):
        Index.load(saved)


def test_a_pickle_with_a_fitting_manifest_is_not_opened(saved: Path) -> None:
    swap_in_a_pickle(saved / "firm_data.npy")
    manifest = json.loads((saved / "manifest.json").read_text())
    manifest["files"]["data.npy"] = artefact._facts(saved / "firm_data.npy")
    manifest["version"] = artefact._version(manifest)
    (saved / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(IndexDamaged):
        Index.load(saved)


def test_another_text_version_is_outdated(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "VERSION", text.VERSION + 1)
    with pytest.raises(IndexOutdated, match=f"text version {text.VERSION - 1}.*build_index"):
        Index.load(saved)


def test_an_absent_index_says_so(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match="build_index"):
        Index.load(tmp_path / "nothing")
