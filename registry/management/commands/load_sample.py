from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.intake import catalogue, sample


class Command(BaseCommand):
    help = (
        "Load the catalogues, the plan's anchor projects and the fictional sample register. Adds what is missing and "
        "changes nothing that is there; safe to run again at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--catalogues-only", action="store_true", help="no fictional firms, needs and accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        for name, added in catalogue.load_catalogues():
            self.stdout.write(f"  {name:<16}{added:>6} added")
        if options["catalogues_only"]:
            return
        if settings.PRODUCTION:
            raise CommandError(
                "The fictional sample and its demo accounts do not belong into a production database. "
                "Run: manage.py load_sample --catalogues-only"
            )
        self._with_bar("Firm (sample)", sample.load_firms)
        self._with_bar("Need (sample)", sample.load_needs)
        accounts = list(sample.load_accounts())
        self.stdout.write(f"  {'Demo accounts':<16}{len(accounts):>6} ready")
        self.stdout.write(f"  {'Drawings':<16}{sample.load_drawings():>6} added")

    def _with_bar(self, name: str, load: Any) -> None:
        """A bar that redraws itself on a terminal; in a log only the last line appears."""
        live = self.stdout.isatty()

        def progress(done: int, total: int) -> None:
            if live and total:
                filled = 30 * done // total
                self.stdout.write(f"\r  {name:<16}[{'#' * filled}{'.' * (30 - filled)}] {done}/{total}", ending="")
                self.stdout.flush()

        added = load(progress)
        self.stdout.write(("\r" if live else "") + f"  {name:<16}{added:>6} added" + " " * 30)
