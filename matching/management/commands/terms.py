from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from matching import vocabulary


class Command(BaseCommand):
    help = (
        "Write the term table to a spreadsheet (.xlsx or .csv), or take one: whole, or not at all when a line is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["export", "import"])
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="import: only say what would change")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if path.suffix.lower() not in {".xlsx", ".csv"}:
            raise CommandError(f"{path}: only .xlsx and .csv are known", returncode=2)
        try:
            if options["what"] == "export":
                self.stdout.write(f"{vocabulary.write(path)} entries written to {path}")
                return
            data = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=2) from error
        try:
            taken = vocabulary.take(path.name, data, only_check=options["check"])
        except vocabulary.FileRefused as refused:
            raise CommandError(f"Nothing was taken.\n{refused}") from refused
        would = "would be " if options["check"] else ""
        self.stdout.write(f"{taken.added} entries {would}added, {taken.changed} changed, {taken.same} the same")
