"""Adjacent entry without a database: who could enter, by which transition, and what is missing."""

from dataclasses import replace

from matching.engine import adjacent
from matching.engine.adjacent import Entrants, Kind, Requirement, Transition, problems
from matching.engine.bands import Band
from matching.engine.criteria import Criterion, Outcome
from matching.engine.criteria import Kind as Asked
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import Index, analyse
from matching.engine.match import propose

REQUIREMENTS = (
    Requirement("jisq9100", Kind.CERTIFICATION, "JIS Q 9100"),
    Requirement("718", Kind.MATERIAL, "インコネル718", ("インコネル718", "インコネル")),
    Requirement("titanium", Kind.MATERIAL, "チタン合金", ("チタン",)),
    Requirement("sus", Kind.MATERIAL, "ステンレス鋼", ("ステンレス", "sus304")),
    Requirement("5axis", Kind.EQUIPMENT, "5軸加工機", ("5軸",)),
    Requirement("cmm", Kind.EQUIPMENT, "三次元測定機", ("三次元測定機",)),
    Requirement("space", Kind.RECORD, "宇宙の実績", ("ロケット", "宇宙")),
)
TRANSITION = Transition(
    code="turbo",
    has=("ターボチャージャ",),
    skills=("切削", "5軸"),
    asks=("ターボポンプ", "インペラ"),
    about=("ロケット",),
    requirements=REQUIREMENTS,
    weight=0.8,
)
TURBO = FirmDocument(
    id=7,
    name="花巻ターボ精工株式会社",
    capability_text="車載ターボチャージャのインペラを切削。ステンレス、アルミ。",
    equipment=("同時5軸MC 8台", "三次元測定機 2台"),
    certifications=("IATF 16949",),
)
OTHERS = [
    FirmDocument(
        id=1, name="相馬ロータ", capability_text="ロケットのターボポンプのインペラをインコネルから5軸で切削。"
    ),
    FirmDocument(id=2, name="能代製缶", capability_text="鋼構造物の溶接と塗装。大型架台の製缶。"),
    FirmDocument(id=3, name="男鹿過給", capability_text="ターボチャージャの整備。切削は行っておりません。"),
    FirmDocument(id=4, name="大和電装", capability_text="制御盤の設計と配線。"),
]
NEED = NeedDocument(
    id=1,
    title="ロケットのターボポンプ用インペラ",
    text="インコネル718の削り出し",
    criteria=(Criterion(kind=Asked.CERTIFICATION, hard=False, certification="JIS Q 9100"),),
)


def found(
    firm: FirmDocument = TURBO, transition: Transition = TRANSITION, need: NeedDocument = NEED
) -> list[adjacent.Entry]:
    documents = {one.id: one for one in [*OTHERS, firm]}
    index = Index.build(map(analyse, documents.values()))
    terms = analyse(need)
    candidates = [
        replace(one, band=Band.WEAK) for one in propose(index, need, documents, 10, terms) if one.firm_id != 1
    ]
    return Entrants(index, [transition], REQUIREMENTS).find(need, terms, candidates, documents)


def test_the_machinist_of_turbochargers_could_make_impellers_and_lacks_what_the_list_says(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(adjacent, "_PLAIN", set())  # five firms have no calibrated scores
    [entry] = found()
    assert (entry.firm_id, entry.transition, entry.rank) == (7, "turbo", None)
    assert {delta.name: (str(delta.outcome), delta.asked, delta.found) for delta in entry.deltas} == {
        "JIS Q 9100": ("fail", True, ("IATF 16949",)),
        "インコネル718": ("fail", True, ("ステンレス鋼",)),  # of the materials only the one that the need names
        "5軸加工機": ("pass", False, ("同時5軸MC 8台",)),
        "三次元測定機": ("pass", False, ("三次元測定機 2台",)),
        "宇宙の実績": ("fail", False, ()),
    }
    assert entry.transition_score == 0.8 * (1 + 2 / 5) / 2
    assert [delta.asked for delta in entry.deltas] == [True, True, False, False, False]
    [silent] = found(replace(TURBO, equipment=(), certifications=(), capability_text="ターボチャージャの切削"))
    assert {delta.outcome for delta in silent.deltas if delta.kind is not Kind.RECORD} == {Outcome.UNKNOWN}


def test_plain_candidates_and_firms_of_the_field_itself_are_no_entrants(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    assert 7 not in [entry.firm_id for entry in found()]  # strong by its text already
    monkeypatch.setattr(adjacent, "_PLAIN", set())
    assert found(replace(TURBO, capability_text="ターボチャージャとロケットのインペラの切削")) == []
    assert found(need=NeedDocument(id=1, title="タービンの清掃", text="工場のターボチャージャ")) == []
    assert found(transition=replace(TRANSITION, weight=0.3)) == []  # 0.3 · (1 + 2/5) / 2 is below LEAST


def test_transitions_that_say_nothing_or_lead_back_are_refused() -> None:
    back = Transition(code="back", has=("ターボポンプ",), asks=("ターボチャージャ",))
    wrong = [
        TRANSITION,
        replace(TRANSITION, code="again"),
        Transition(code="empty", has=("の",), asks=("タワー",)),
        Transition(code="nothing", has=("橋梁",), asks=()),
        Transition(code="itself", has=("橋梁",), asks=("橋梁", "タワー"), weight=1.5),
        back,
    ]
    reasons = [(wrong[problem.row].code, problem.reason) for problem in problems(wrong)]
    assert [code for code, _ in reasons] == ["again", "empty", "nothing", "itself", "itself", "back", "back"]
    assert "says the same" in reasons[0][1]
    assert all("no word" in reason for _, reason in reasons[1:3])
    assert "circle" in reasons[-1][1]
