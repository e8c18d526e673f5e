"""Rank firms for needs from files exactly as production does, and measure the order against judgements."""

import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching import corpus, exposure, terms
from matching.calibrate import calibrate, measured, table
from matching.engine import ability, groups, order
from matching.engine.criteria import Kind
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.evaluate import evaluate, parts_covered, recall
from matching.engine.index import Index, analyse
from matching.engine.match import Candidate, propose_many
from matching.experiment import Experiment, ablation, cross_validate

METRICS = ("nDCG@10", "recall@20", "MRR", "P@5")


class Command(BaseCommand):
    help = (
        "Rank the firms of one JSON-lines file for the needs of another with the code path of production, write a TREC "
        "run and, given judgements, print nDCG@10, recall@20, MRR and P@5. Uses no database."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--firms", type=Path, required=True, help="firms.jsonl, one firm a line")
        parser.add_argument("--needs", type=Path, required=True, help="needs.jsonl, one need a line")
        parser.add_argument("--qrels", type=Path, help="judgements, lines of: need_id 0 firm_id grade")
        parser.add_argument(
            "--run", type=Path, help="where to write the run, lines of: need_id Q0 firm_id rank score tag"
        )
        parser.add_argument("--groups", type=Path, help="groups.jsonl, the parts of needs that no single firm can meet")
        parser.add_argument("--ablation", action="store_true", help="print what each part of the matcher adds")
        parser.add_argument("--folds", type=int, default=0, help="choose settings by cross-validation over N folds")
        parser.add_argument("--bands", action="store_true", help="draw the lines between the bands and measure them")
        parser.add_argument("--unserved", type=Path, help="for --bands: needs.jsonl of needs that no firm serves")
        parser.add_argument("--write-bands", type=Path, help="for --bands: where to write the bands as JSON")
        parser.add_argument("--cap", type=float, help="exposure cap to try: a share of the needs, or a number of needs")
        parser.add_argument("--top", type=int, default=50, help="candidates for each need (default 50)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["top"] < 1:
            raise CommandError(f"--top is {options['top']}, it must be at least 1", returncode=2)
        if (options["ablation"] or options["folds"] or options["bands"]) and not options["qrels"]:
            raise CommandError("--ablation, --folds and --bands measure: give the judgements by --qrels", returncode=2)
        if options["bands"] and not options["unserved"]:
            raise CommandError("--bands also needs needs that nobody serves: give them by --unserved", returncode=2)
        if options["cap"] is not None and (options["cap"] <= 0 or not options["qrels"]):
            raise CommandError("--cap is more than 0, and measured against judgements given by --qrels", returncode=2)
        if options["folds"] and not 2 <= options["folds"] <= 20:
            raise CommandError(f"--folds is {options['folds']}, it must be from 2 to 20", returncode=2)
        try:
            firms = corpus.read_firms(options["firms"])
            needs = corpus.read_needs(options["needs"])
            judgements = corpus.read_judgements(options["qrels"]) if options["qrels"] else None
            parts = corpus.read_groups(options["groups"]) if options["groups"] else {}
            unserved = corpus.read_needs(options["unserved"]) if options["unserved"] else {}
        except corpus.CorpusError as error:
            raise CommandError(str(error), returncode=2) from error
        index = Index.build(map(analyse, firms.values()), table=terms.shipped())
        run = dict(zip(needs, rank(index, firms, needs, options["top"]), strict=True))
        names = {document.id: name for name, document in firms.items()}
        if options["run"]:
            write_run(options["run"], run, names)
        found = sum(map(len, run.values()))
        self.stderr.write(f"{len(firms)} firms, {len(needs)} needs, {found} candidates")
        self._groups(index, firms, needs, {need: of_need for need, of_need in parts.items() if need in run}, run)
        if judgements is not None:
            self._report(run, names, judgements)
            experiment = Experiment.of(firms, needs, judgements, terms.shipped())
            self._experiments(experiment, options)
            if options["cap"]:
                self._cap(run, names, judgements, options["cap"])
            if options["bands"]:
                self._bands(experiment, list(unserved.values()), options)

    def _groups(
        self,
        index: Index,
        firms: Mapping[str, FirmDocument],
        needs: Mapping[str, NeedDocument],
        parts: Mapping[str, list[corpus.Part]],
        run: Mapping[str, list[Candidate]],
    ) -> None:
        """Both for each need's parts, the parts as the file names them: is a right firm among the first 20 of the
        need, and is one a member of the best group that is composed of the parts' own words."""
        if not parts:
            return
        names = {document.id: name for name, document in firms.items()}
        ranked = {need: [names[item.firm_id] for item in run[need]] for need in parts}
        covered = [parts_covered(ranked[need], [part.firms for part in of_need]) for need, of_need in parts.items()]
        self.stdout.write(f"parts covered@20\t{sum(covered) / len(covered):.4f}")
        right = [
            bool(part.firms & {names[firm_id] for firm_id in members})
            for need, of_need in parts.items()
            for members in [composed(index, firms, needs[need], [part.label for part in of_need])]
            for part in of_need
        ]
        self.stdout.write(f"parts with a right firm in the best group\t{sum(right) / len(right):.4f}")

    def _report(
        self,
        run: Mapping[str, list[Candidate]],
        names: Mapping[int, str],
        judgements: Mapping[str, Mapping[str, int]],
    ) -> None:
        unknown = sorted(set(run) - set(judgements))
        if len(unknown) == len(run):
            raise CommandError("no need of the file is judged; are these the judgements of another set?", returncode=2)
        if unknown:
            self.stderr.write(f"{len(unknown)} need(s) without judgements are not measured: {' '.join(unknown[:5])}")
        ranked = {need: [names[item.firm_id] for item in candidates] for need, candidates in run.items()}
        for metric, value in evaluate(ranked, judgements).items():
            self.stdout.write(f"{metric}\t{value:.4f}")

    def _cap(
        self,
        run: Mapping[str, list[Candidate]],
        names: Mapping[int, str],
        judgements: Mapping[str, Mapping[str, int]],
        cap: float,
    ) -> None:
        """How often the firm that is shown most stands among the first, and what the cap costs."""
        allowed = exposure.most(len(run), cap)
        after = dict(zip(run, order.capped_in_turn(run.values(), allowed), strict=True))
        self.stdout.write(f"\na firm among the first {order.FIRST} of at most {allowed} of {len(run)} needs")
        self.stdout.write(f"{'cap':<10}{'top firm, needs':>16}{'share':>9}{'recall@10':>11}")
        for label, orders in (("off", run), ("on", after)):
            places = Counter(item.firm_id for found in orders.values() for item in found[: order.FIRST])
            most = max(places.values(), default=0)
            judged = [
                recall([names[item.firm_id] for item in orders[need]], judgements[need], order.FIRST)
                for need in orders
                if need in judgements
            ]
            self.stdout.write(f"{label:<10}{most:>16}{most / len(run):>9.3f}{sum(judged) / len(judged):>11.4f}")

    def _experiments(self, experiment: Experiment, options: Mapping[str, Any]) -> None:
        tables = []
        if options["ablation"]:
            tables.append(("part by part", ablation(experiment)))
        if options["folds"]:
            tables.append((f"{options['folds']} folds", cross_validate(experiment, options["folds"])))
        for title, rows in tables:
            self.stdout.write(f"\n{title:<58}" + "".join(f"{name:>11}" for name in METRICS))
            for label, metrics in rows:
                self.stdout.write(f"{label:<58}" + "".join(f"{metrics[name]:>11.4f}" for name in METRICS))
                self.stdout.flush()

    def _bands(self, experiment: Experiment, unserved: list[NeedDocument], options: Mapping[str, Any]) -> None:
        served, lacking = measured(experiment, unserved)
        found = calibrate(served, lacking, command=_command(options))
        self.stdout.write("")
        for line in table(found):
            self.stdout.write(line)
        if options["write_bands"]:
            content = json.dumps(found.to_json(), ensure_ascii=False, indent=1) + "\n"
            try:
                options["write_bands"].write_text(content, encoding="utf-8")
            except OSError as error:
                raise CommandError(f"{options['write_bands']}: {error.strerror}", returncode=2) from error


def _command(options: Mapping[str, Any]) -> str:
    """The command that draws these bands again."""
    names = ("firms", "needs", "qrels", "unserved")
    return "evaluate_matching " + " ".join(f"--{name} {options[name]}" for name in names) + " --bands"


def rank(
    index: Index, firms: Mapping[str, FirmDocument], needs: Mapping[str, NeedDocument], top: int
) -> Iterable[list[Candidate]]:
    """Candidates for each need, in the order of the needs."""
    return propose_many(index, list(needs.values()), {firm.id: firm for firm in firms.values()}, top)


def composed(index: Index, firms: Mapping[str, FirmDocument], need: NeedDocument, steps: list[str]) -> list[int]:
    """The members of the best group for the steps of a need. No volume: the needs of this file ask it of nobody."""
    sought = [ability.Sought(code=str(place), name=step, about=need.title) for place, step in enumerate(steps)]
    asked = ability.Asked(criteria=[item for item in need.criteria if item.hard and item.kind is not Kind.VOLUME])
    able = ability.suppliers(index, sought, {firm.id: firm for firm in firms.values()}, asked)
    found = groups.compose(groups.Task(steps=[groups.Step(code=step.code) for step in sought]), able, limit=1)
    return [member.supplier.id for group in found.groups for member in group.members]


def write_run(path: Path, run: Mapping[str, list[Candidate]], names: Mapping[int, str]) -> None:
    """TREC form; the score is what the order is made of. Raises CommandError when the file cannot be written."""
    try:
        with path.open("w", encoding="utf-8") as file:
            for need, candidates in run.items():
                for item in candidates:
                    file.write(f"{need}\tQ0\t{names[item.firm_id]}\t{item.rank}\t{item.place:.9f}\tenishi\n")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}; choose another place for --run", returncode=2) from error
