"""The two measuring commands, on files as they come."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

SAMPLE = Path(__file__).parents[2] / "registry" / "data" / "sample"


WORDS = ["歯車", "鋳造", "塗装", "溶接"]


def jsonl(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture
def firms(tmp_path: Path) -> Path:
    return jsonl(
        tmp_path / "firms.jsonl",
        {"id": "F1", "capability_text": "亜鉛めっき", "certifications": None, "employees": "", "surprise": {"x": 1}},
        {"id": "F2", "name": "北上精機", "equipment": "5軸MC", "prefecture": "Iwate", "products": ["歯車", None]},
    )


@pytest.fixture
def needs(tmp_path: Path) -> Path:
    return jsonl(tmp_path / "needs.jsonl", {"id": "N1", "title": "歯車の加工", "sector": "mobility"}, {"id": "N2"})


def test_the_sample_is_ranked_better_than_the_floor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run.tsv"
    call_command("evaluate_matching", firms=SAMPLE / "firms.jsonl", needs=SAMPLE / "needs.jsonl",
                 qrels=SAMPLE / "qrels.tsv", groups=SAMPLE / "groups.jsonl",
                 run=run, top=20)  # fmt: skip
    metrics = dict(line.split("\t") for line in capsys.readouterr().out.splitlines())
    assert float(metrics["nDCG@10"]) >= 0.74
    assert float(metrics["recall@20"]) >= 0.80
    assert float(metrics["parts covered@20"]) >= 0.8
    lines = [line.split("\t") for line in run.read_text(encoding="utf-8").splitlines()]
    assert all(len(line) == 6 and line[1] == "Q0" for line in lines)
    by_need: dict[str, list[float]] = {}
    for line in lines:
        by_need.setdefault(line[0], []).append(float(line[4]))
    assert all(scores == sorted(scores, reverse=True) for scores in by_need.values())


def test_fields_may_be_absent_empty_or_unknown(firms: Path, needs: Path, tmp_path: Path) -> None:
    call_command("evaluate_matching", firms=firms, needs=needs, run=tmp_path / "run.tsv")
    assert (tmp_path / "run.tsv").read_text(encoding="utf-8").startswith("N1\tQ0\tF2\t1\t")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "F3"', "firms.jsonl:3: not a JSON object"),
        ("[1]", "firms.jsonl:3: a JSON object is expected, found list"),
        ('{"name": "x"}', 'firms.jsonl:3, "id"'),
        ('{"id": "F1"}', 'firms.jsonl:3, "id": F1 stands twice'),
        ('{"id": "F3", "employees": "many"}', 'firms.jsonl:3, "employees": a number is expected'),
        ('{"id": "F3", "equipment": {"a": 1}}', 'firms.jsonl:3, "equipment": a list of texts is expected'),
    ],
)
def test_a_bad_line_is_named(firms: Path, needs: Path, line: str, message: str) -> None:
    with firms.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(CommandError) as refused:
        call_command("evaluate_matching", firms=firms, needs=needs)
    assert message in str(refused.value)
    assert refused.value.returncode == 2


@pytest.mark.parametrize("option", ["firms", "needs", "qrels"])
def test_a_missing_file_is_named(firms: Path, needs: Path, tmp_path: Path, option: str) -> None:
    with pytest.raises(CommandError, match=r"nowhere\.jsonl"):
        call_command("evaluate_matching", **{"firms": firms, "needs": needs, option: tmp_path / "nowhere.jsonl"})


def test_the_bench_prints_every_figure(firms: Path, needs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("bench_matching", firms=firms, needs=needs, processes=2)
    out = capsys.readouterr().out
    for figure in (
        "terms/s",
        "firms/s",
        "needs/s",
        "p95",
        "one changed firm",
        "postings",
        "load",
        "peak memory",
        ", plain",
    ):
        assert figure in out


def test_the_experiments_print_their_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    firms = jsonl(tmp_path / "f.jsonl", *({"id": f"F{n}", "products": [word]} for n, word in enumerate(WORDS)))
    needs = jsonl(tmp_path / "n.jsonl", *({"id": f"N{n}", "title": word} for n, word in enumerate(WORDS)))
    qrels = tmp_path / "qrels.tsv"
    qrels.write_text("".join(f"N{n}\t0\tF{n}\t3\n" for n in range(len(WORDS))))
    call_command("evaluate_matching", firms=firms, needs=needs, qrels=qrels, ablation=True, folds=2)
    out = capsys.readouterr().out
    assert "feedback: the whole" in out
    assert "mean over needs held out" in out


@pytest.mark.parametrize("options", [{"ablation": True}, {"folds": 5}, {"top": 0}])
def test_options_that_do_not_fit_are_refused(firms: Path, needs: Path, options: dict[str, int]) -> None:
    with pytest.raises(CommandError):
        call_command("evaluate_matching", firms=firms, needs=needs, **options)
