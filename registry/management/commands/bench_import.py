"""Measure an import of many firms, from the workbook to the register and back, on the configured database."""

import itertools
import random
import resource
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import xlsxwriter
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from registry import imports
from registry.intake.catalogue import load_catalogues
from registry.models import Capability, Firm, ImportBatch, Municipality, Role, User
from registry.text import corporate_number_check_digit

HEADINGS = (
    *("法人番号", "企業名", "フリガナ", "都道府県", "市町村", "住所", "従業員数", "資本金（円）", "設立年", "電話番号"),
    *("メールアドレス", "事業内容", "保有技術", "設備", "認証"),
)


class Command(BaseCommand):
    help = (
        "Fill an EMPTY, migrated database (the one that DATABASE_URL names; use a scratch one) from a workbook of "
        "invented firms with 15 columns, as a worker does, and time each step."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--lines", type=int, default=100_000)

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists() or Firm.objects.exists():
            raise CommandError("This database has rows. Name an empty, migrated scratch database in DATABASE_URL.")
        for _loaded in load_catalogues():
            pass
        by = User.objects.create_user("bench@example.jp", None, role=Role.BUREAU)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "firms.xlsx"
            write_workbook(file, options["lines"])
            self.stdout.write(f"{connection.vendor}: {options['lines']} lines, {file.stat().st_size >> 20} MB")
            batch = self.brought_in(by, file)
            self.step("taken over", lambda: self.worked(imports.take_over, batch, by))
            again = self.brought_in(by, file)
            self.stdout.write(f"{'the same again':20} {again.counts}")
            self.step("undone", lambda: imports.undo(batch, by))

    def brought_in(self, by: User, file: Path) -> ImportBatch:
        batch: ImportBatch = self.step(
            "unpacked", lambda: imports.upload(file.name, file.read_bytes(), by=by, source="bench")
        )
        self.step("read", lambda: self.worked(imports.confirm, batch, by, batch.mapping))
        return batch

    def worked(self, ask: Callable[..., None], batch: ImportBatch, by: User, *given: Any) -> None:
        ask(batch, by, *given)
        if imports.claim(batch):
            imports.do(batch)
        batch.refresh_from_db()
        if batch.error:
            raise CommandError(batch.error)

    def step(self, name: str, do: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        done = do()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self.stdout.write(f"{name:20} {time.perf_counter() - started:7.1f} s   peak {peak} MB")
        return done


def write_workbook(file: Path, lines: int) -> None:
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(itertools.chain([("令和8年度 企業一覧",), HEADINGS], _firms(lines))):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell)


def _firms(lines: int) -> Iterator[tuple[str, ...]]:
    """Invented firms, the same every time."""
    dice = random.Random(1)  # noqa: S311  nothing secret
    towns = list(Municipality.objects.filter(prefecture__in_tohoku=True).values_list("prefecture__name", "name"))
    skills = list(Capability.objects.values_list("name", flat=True))
    for n in range(1, lines + 1):
        base = f"88{n:010d}"
        prefecture, town = dice.choice(towns)
        yield (
            f"{corporate_number_check_digit(base)}{base}",
            f"株式会社試作製作所{n}",
            f"シサクセイサクショ{n}",
            prefecture,
            town,
            f"{town}字試作{n % 999}-{n % 7}",
            f"{dice.randint(1, 300)}名",
            "1,000万円",
            f"昭和{dice.randint(30, 63)}年",
            f"0185-{n % 99:02d}-{n % 9999:04d}",
            f"info{n}@example.jp",
            "精密切削加工と溶接、組立まで一貫対応。φ300までの旋削、アルミ・SUS。" * 2,
            "、".join(dice.sample(skills, 2)),
            "マシニングセンタ ×3 φ300まで\nNC旋盤 ×2",
            "ISO 9001（2027-03-31まで）",
        )
