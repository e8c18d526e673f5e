from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from matching import store, words


class Command(BaseCommand):
    help = "Build the index of all published firms anew, when the register changed since the last time, and publish it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="also when nothing changed; compares every text")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["force"] and not store.is_stale():
            build, _ = store.current()
            self.stdout.write(f"Nothing changed since build {build.pk}: {build.firms} firms, {build.terms} terms.")
            return
        if options["force"]:
            words.doubt()
        try:
            build = store.rebuild(progress=self.progress)
        except store.AnotherBuilds:
            raise CommandError(
                "Another process builds the index at this moment. Wait for it, then run this again."
            ) from None
        self.stdout.write(f"Build {build.pk}: {build.firms} firms, {build.terms} terms, {build.seconds:.1f} s.")

    def progress(self, done: int, total: int) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"\rReading firms: {done} of {total}", ending="\n" if done >= total else "")
            self.stdout.flush()
