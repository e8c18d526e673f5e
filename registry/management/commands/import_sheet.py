"""manage.py import_sheet FILE --by EMAIL --source TEXT: what the page of imports does, from the command line."""

import json
import resource
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from registry import imports
from registry.forms.imports import UploadForm
from registry.intake.fields import Catalogues
from registry.intake.kinds import KINDS
from registry.intake.remarks import in_words
from registry.intake.sheets import FileRefused
from registry.models import ImportBatch, ImportRow, User
from registry.steps import StepRefused

SHOWN = 20


class Command(BaseCommand):
    help = "Reads a table and says what would change; with --take it is taken over, whole or not at all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=".xlsx or .csv")
        parser.add_argument(
            "--by", required=True, metavar="EMAIL", help="the person in whose name and scope it happens"
        )
        parser.add_argument("--source", required=True, help="where the data come from; stands with every row")
        parser.add_argument("--kind", choices=sorted(KINDS), default="", help="else it is known by its headings")
        parser.add_argument("--take", action="store_true", help="take the new and changed lines over")
        parser.add_argument("--skip-refused", action="store_true", help="leave refused lines out; else they stop it")
        parser.add_argument("--draft", action="store_true", help="new firms are drafts instead of published")

    def handle(self, *args: Any, **options: Any) -> None:
        by = User.objects.filter(email=options["by"], is_active=True).first()
        if by is None:
            raise CommandError(f"There is no active person with the address {options['by']}.")
        try:
            source = UploadForm.base_fields["source"].clean(options["source"])
            batch = self.uploaded(by, options["file"], source, options["kind"])
            imports.confirm(batch, by, batch.mapping, publish=not options["draft"])
            self.worked("Reading", batch)
            self.tell(batch)
            if options["take"]:
                imports.take_over(batch, by, skip_refused=options["skip_refused"])
                self.worked("Writing", batch)
        except ValidationError as wrong:
            raise CommandError(f"--source: {' '.join(wrong.messages)}") from wrong
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror or error}") from error
        except (FileRefused, StepRefused) as refused:
            raise CommandError(str(refused)) from refused
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self.stdout.write(f"Import {batch.pk}: {batch.get_state_display()}. Peak memory {peak} MB.")

    def uploaded(self, by: User, file: Path, source: str, kind: str) -> ImportBatch:
        started = time.monotonic()
        batch = imports.upload(file.name, file.read_bytes(), by=by, source=source, kind=kind)
        self.stdout.write(f"{KINDS[batch.kind].label}: unpacked in {time.monotonic() - started:.1f} s.")
        if left_out := imports.left_out(batch):
            self.stdout.write(f"Columns left out: {', '.join(left_out)}")
        if others := imports.other_tables(batch, imports.sheets_of(batch)):
            self.stdout.write(f"Of the workbook only “{batch.sheet}” is read, not: {', '.join(others)}")
        if unread := imports.unread_sheets(batch):
            self.stdout.write(f"Hidden sheets, or too many, are not read: {', '.join(unread)}")
        return batch

    def worked(self, what: str, batch: ImportBatch) -> None:
        """Do the work here, or wait for the worker that has it."""
        started = time.monotonic()
        while True:
            if imports.claim(batch):
                imports.do(batch)
            batch.refresh_from_db(fields=["state", "counts", "error", "done", "total", "attempts"])
            if not batch.is_working:
                break
            time.sleep(0.5)
        if batch.state == ImportBatch.State.FAILED:
            raise CommandError(batch.error)
        self.stdout.write(f"{what}: {batch.total} lines in {time.monotonic() - started:.1f} s.")

    def tell(self, batch: ImportBatch) -> None:
        self.stdout.write(json.dumps(batch.counts, sort_keys=True))
        kind, catalogues = KINDS[batch.kind], Catalogues()
        for row in batch.rows.filter(state=ImportRow.State.REFUSED)[:SHOWN]:
            self.stdout.write(f"  line {row.number}: {'; '.join(in_words(row, kind, catalogues))}")
