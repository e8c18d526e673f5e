"""manage.py export LIST FILE [NAME=VALUE …] --by EMAIL: what a page's export gives that person, as a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.http import HttpRequest, QueryDict
from django.urls import get_resolver, resolve, reverse
from django.utils import translation
from django.utils.http import urlencode

from registry.models import User
from registry.tabular import WRITERS

ENDING = "-export"


class Command(BaseCommand):
    help = "Writes a list as .csv or .xlsx, in the name and scope of a person and with the page's own filters."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("list", choices=sorted(_lists()))
        parser.add_argument("file", type=Path, help=".csv or .xlsx")
        parser.add_argument("filters", nargs="*", metavar="NAME=VALUE", help="as in the address of the page")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="the person whose scope applies")
        parser.add_argument("--language", choices=["ja", "en"], default="ja", help="of headings and labels")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        extension = file.suffix.removeprefix(".").lower()
        if extension not in WRITERS:
            raise CommandError(f"{file}: the ending must be one of {', '.join(sorted(WRITERS))}.")
        by = User.objects.filter(email=options["by"], is_active=True).first()
        if by is None:
            raise CommandError(f"There is no active person with the address {options['by']}.")
        address = reverse(_lists()[options["list"]], args=[extension])
        with translation.override(options["language"]):
            size = self.written(file, self.answer(by, address, options["filters"]))
        self.stdout.write(f"{file}: {size} bytes.")

    def answer(self, by: User, address: str, filters: list[str]) -> Any:
        """What the page's own view answers this person."""
        if odd := [one for one in filters if "=" not in one]:
            raise CommandError(f"{odd[0]} is no NAME=VALUE.")
        request = HttpRequest()
        request.method, request.path, request.user = "GET", address, by
        request.GET = QueryDict(
            urlencode([(name, value) for name, _sign, value in (one.partition("=") for one in filters)])
        )
        view, args, kwargs = resolve(address)
        try:
            answer = view(request, *args, **kwargs)
        except PermissionDenied as denied:
            raise CommandError("The role of this person may not export this list.") from denied
        if answer.status_code != 200:
            problems = getattr(answer, "problems", {})
            raise CommandError("; ".join(f"{name}: {' '.join(said)}" for name, said in problems.items()) or "refused")
        return answer

    def written(self, file: Path, answer: Any) -> int:
        """Write the answer as it streams; the file has its name only once it is whole."""
        part = file.with_name(f"{file.name}.part")
        try:
            with part.open("wb") as out:
                size = sum(out.write(chunk) for chunk in answer.streaming_content)
            part.replace(file)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}") from error
        finally:
            part.unlink(missing_ok=True)
        return size


def _lists() -> dict[str, str]:
    """Every list that has an export: what it is called here, and the name of its address."""
    resolver = get_resolver()
    return {
        name.removesuffix(ENDING): f"{space}:{name}"
        for space in ("registry", "matching")
        for name in resolver.namespace_dict[space][1].reverse_dict
        if isinstance(name, str) and name.endswith(ENDING)
    }
