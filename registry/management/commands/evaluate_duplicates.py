"""manage.py evaluate_duplicates: how well the search for duplicates does. Uses no database."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from registry.duplicates.blocks import alike
from registry.duplicates.evaluate import Found
from registry.duplicates.likeness import THRESHOLD, Record, record
from registry.duplicates.rehearsal import PAIRS, SEED, halves
from registry.intake.catalogue import DATA


class Command(BaseCommand):
    help = (
        "Measures the search for duplicates on generated pairs, the threshold chosen on one half and reported on the "
        "other, and on the firms that the sample register lists twice."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--pairs", type=int, default=PAIRS, help=f"how many pairs (default {PAIRS})")
        parser.add_argument("--seed", type=int, default=SEED, help="another seed makes other pairs")

    def handle(self, *args: Any, **options: Any) -> None:
        one, other = (Found.among(half) for half in halves(options["pairs"], options["seed"]))
        chosen = one.best()
        self.stdout.write(f"Threshold chosen on one half: {chosen}; in use: {THRESHOLD}")
        for name, half in (("that half", one), ("other half", other)):
            precision, recall = half.at(THRESHOLD)
            self.stdout.write(f"{name}: {len(half.pairs)} pairs, precision {precision:.4f}, recall {recall:.4f}")
        self.stdout.write(f"mistakes of the other half by kind: {dict(other.wrong(THRESHOLD))}")
        self.stdout.write("firms that the sample lists twice:")
        firms = sample()
        for a, b, likeness in alike([record_of(place, row) for place, row in enumerate(firms)]):
            names = f"{firms[a.id]['name']} / {firms[b.id]['name']}"
            self.stdout.write(f"  {likeness.score:3} {names}: {', '.join(likeness.reasons)}")


def sample() -> list[dict[str, Any]]:
    lines = (DATA / "sample" / "firms.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def record_of(place: int, row: dict[str, Any]) -> Record:
    return record(
        place,
        name=row["name"],
        number=row["corporate_number"] or "",
        kana=row["name_kana"] or "",
        prefecture=row["prefecture"],
        municipality=row["municipality"] or "",
    )
