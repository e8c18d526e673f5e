"""manage.py find_duplicates [--all]: what the beat does every quarter of an hour, now."""

import resource
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from registry.duplicates.find import search


class Command(BaseCommand):
    help = "Looks for firms that are in the register twice and puts the pairs on the list of possible duplicates."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="compare all firms, not only what was saved lately")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        done = search(anew=options["all"])
        if done is None:
            self.stdout.write("No firm was saved since the last search.")
            return
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        seconds = time.monotonic() - started
        self.stdout.write(f"{done.found} new pairs among {done.firms} firms in {seconds:.1f} s. Peak memory {peak} MB.")
