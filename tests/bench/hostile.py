"""Hostile text in every field, parameter, header and body of every address, as every kind of person.

    .venv/bin/python -m tests.bench.hostile                 # SQLite, some minutes
    .venv/bin/python -m tests.bench.hostile --postgres
    .venv/bin/python -m tests.bench.hostile --payloads 40   # all of them in every place, hours

The addresses are those of tests/access/table.py. Each page is read, its forms are sent with one field after the other
made hostile, its query with one parameter after the other, and each field of the API's bodies; each request is taken
back, so that the next one meets the same rows. Then the same texts are written past all forms into every row, and every
page and file is read again. What must not be is told at once: 5xx, text that arrives as HTML, a redirect to another
site, a line break in a header, a cell that a spreadsheet would run, five seconds of the processor.
"""

import argparse
import csv
import io
import json
import logging
import os
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from tests.bench.forms import Forms

MARK = "<enishi-x onload=1>"
SLOW = 5.0
LONGEST_QUERY = 4_000
PAYLOADS = (
    "", f"{MARK}'\">", "a\x00b", "\ud800", "9223372036854775808", "-1", "1e400", "NaN", "Infinity", "²", "１２３４",
    "9" * 5_000, "a" + "\u0301" * 10_000, "\ufdfa" * 3_000, "A" * 1_000_000, "等" * 60 + "ぬは不可",
    "%s%(x)s{0}{x}{% x %}", "' OR 1=1--\\", "%_%\\_", "(?:(a+)+)+$[", "=1+1|cmd'!A0", "a\r\nSet-Cookie: x=1",
    "../../../etc/passwd", "\u202e\u2066\ufffe\x0b\x1b", "9999-12-31", "0001-01-01", "10000-01-01", "2026-02-30",
    "//evil.example/", "javascript:alert(1)", "null", "[]", "true", " \t\u3000\u200b\n", "#let x = [$@*_`\\]",
    "👨‍👩‍👧‍👦" * 500, "\n" * 2_000,
    "a@" + "b" * 300 + ".example", "https://[::1", "0x10",
)  # fmt: skip
"""A text for each class of trouble that comparable systems had."""
NUMBERS: tuple[Any, ...] = (-1, 2**63, 10**400, 1.5, True, None, [], {}, [[]], [2**63], "1")
BODIES = (
    b"", b"null", b"[]", b'"', b"{", b"\xff\xfe", b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":1e999}', b"[" * 100_000,
    b'{"a":' * 50 + b"1" + b"}" * 50, b'{"\\ud800":"\\ud800"}', b"A" * 1_100_000,
)  # fmt: skip
TYPES = ("application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x", "a/b; charset=x")
HEADERS = ("HX-Current-URL", "HX-Target", "Accept", "Accept-Language", "Referer", "Origin", "Authorization", "If-Match",
           "If-None-Match", "Idempotency-Key", "X-Forwarded-For", "Range", "Cookie")  # fmt: skip
CODES = {
    "digest", "password", "email", "salt", "file", "scan", "image", "state", "folded", "number", "kind", "url", "field",
    "fingerprint", "checksum", "key", "query", "step", "language", "band", "verdict", "group",
}  # fmt: skip
"""Text columns that no person fills in."""
POISON = (MARK, "=1+1|x", "\u202e\x0b\x1b]#let x = [$@*_`\\", "@SUM(1)\r\n＝2", "a" + "\u0301" * 100)


@dataclass
class Report:
    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    found: dict[str, str] = field(default_factory=dict)

    def note(self, what: str, detail: str) -> None:
        if what not in self.found:
            print(f"{what}\n{detail}\n", flush=True)
        self.found[what] = detail

    def __str__(self) -> str:
        spread = ", ".join(f"{status} × {count}" for status, count in sorted(self.statuses.items()))
        return f"{self.requests} requests ({spread}), slowest {self.slowest:.1f} s, {len(self.found)} findings"


class Attack:
    """`world` is that of tests/access/world.py: people and ids by name. `payloads`: how many in each place."""

    def __init__(self, world: dict[str, Any], payloads: int, people: str = "") -> None:
        from django.core.signals import got_request_exception  # noqa: PLC0415  Django is set up only now

        from tests.access.table import PEOPLE, RULES  # noqa: PLC0415

        self.world, self.report, self.trace = world, Report(), ""
        self.payloads, self.turn, self.met = payloads, cycle(PAYLOADS), set[tuple[str, ...]]()
        self.people, self.rules = people.split(",") if people else PEOPLE, RULES
        got_request_exception.connect(self._raised, weak=False)

    def _raised(self, **_signal: Any) -> None:
        self.trace = traceback.format_exc()[-1500:]

    # ---- one request ---------------------------------------------------------------------------------------------
    def ask(self, client: Any, method: str, url: str, label: str, **sent: Any) -> tuple[Any, bytes]:
        """The answer with its body; what it did is taken back."""
        from django.db import transaction  # noqa: PLC0415

        self.trace, began = "", time.process_time()
        with transaction.atomic():
            answer = client.generic(method, url, **sent)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            transaction.set_rollback(True)
        self._judge(answer, body, f"{method} {label}", time.process_time() - began)
        return answer, body

    def _judge(self, answer: Any, body: bytes, label: str, took: float) -> None:
        report = self.report
        report.requests += 1
        report.statuses[answer.status_code] += 1
        report.slowest = max(report.slowest, took)
        target = urlsplit(answer.headers.get("Location", ""))
        if answer.status_code >= 500:
            report.note(f"{answer.status_code} {label}", self.trace)
        if took > SLOW:
            report.note(f"slow {label}", f"{took:.1f} s")
        if MARK.encode() in body and "html" in answer.headers.get("Content-Type", ""):
            report.note(f"HTML {label}", "")
        if any("\n" in value or "\r" in value for value in answer.headers.values()):
            report.note(f"header {label}", str(answer.headers))
        if target.scheme not in {"", "http"} or target.netloc not in {"", "testserver"}:
            report.note(f"redirect {label}", answer.headers["Location"])

    def client(self, person: str) -> Any:
        from django.test import Client  # noqa: PLC0415

        client = Client(raise_request_exception=False, headers={"accept-language": "en"})
        if person != "anonymous":
            client.force_login(self.world[person])
        return client

    def address(self, rule: Any) -> str:
        from django.urls import reverse  # noqa: PLC0415

        return reverse(rule.name, args=[self.world.get(word, word) for word in rule.words if "=" not in word])

    def some(self) -> Iterator[str]:
        return islice(self.turn, self.payloads)

    def is_new(self, *place: str) -> bool:
        """Whether this place was not attacked yet; rows of one kind are one place."""
        key = tuple("".join("0" if sign.isdigit() else sign for sign in word) for word in place)
        new = key not in self.met
        self.met.add(key)
        return new

    # ---- the walk ------------------------------------------------------------------------------------------------
    def walk(self) -> None:
        for person in self.people:
            client, before = self.client(person), self.report.requests
            for rule in self.rules:
                if rule.answers[person] != "o":
                    continue
                url, label = self.address(rule), f"{rule} as {person}"
                if rule.method == "GET":
                    self.read(client, person, url, label)
                elif url.startswith("/api/"):
                    self.write(client, rule, url, label)
                if rule.method == "POST" and self.is_new("bodies", url):
                    self.bodies(client, url, label)
            print(f"  {person:<12} {self.report.requests - before} requests", flush=True)

    def read(self, client: Any, person: str, url: str, label: str) -> None:
        """The page, its parameters, its forms and the headers that it may be asked with."""
        answer, body = self.ask(client, "GET", url, label)
        self.query(client, person, url, label, ["zz", "page", "cursor", "limit", "language", "show"])
        for name in HEADERS:
            if self.is_new(person, "header", url, name):
                for payload in self.some():
                    value = payload[:LONGEST_QUERY].encode("utf-8", "replace").decode("latin-1")
                    self.ask(client, "GET", url, f"{label} {name}: {payload[:20]!r}", headers={name: value})
        if "html" not in answer.headers.get("Content-Type", ""):
            return
        for form in Forms.of(body.decode()):
            path, _mark, query = (form.action or url).partition("?")
            if "logout" in path or urlsplit(path).netloc:
                continue
            if form.method == "get":
                self.query(client, person, path or url, label, list(form.fields))
            else:
                self.send(client, person, f"{path or url}?{query}".rstrip("?"), label, form.fields)

    def query(self, client: Any, person: str, path: str, label: str, names: list[str]) -> None:
        for name in names:
            if self.is_new(person, "GET", path, name):
                for payload in self.some():
                    value = quote(payload[:LONGEST_QUERY], errors="surrogatepass")
                    self.ask(client, "GET", f"{path}?{quote(name)}={value}", f"{label} ?{name}={payload[:20]!r}")

    def send(self, client: Any, person: str, url: str, label: str, fields: dict[str, list[str]]) -> None:
        plain = {name: values for name, values in fields.items() if name != "csrfmiddlewaretoken"}
        for name in plain:
            if self.is_new(person, "POST", url, name):
                for payload in self.some():
                    data = urlencode({**plain, name: [payload]}, doseq=True, errors="surrogatepass")
                    said = f"{label} → {url} {name}={payload[:20]!r}"
                    self.ask(client, "POST", url, said, data=data, content_type="application/x-www-form-urlencoded")

    def write(self, client: Any, rule: Any, url: str, label: str) -> None:
        """Each field of the body that the API describes, in turn of every type; over the object as it is now."""
        from django.urls import resolve  # noqa: PLC0415

        view: Any = resolve(url).func
        actions = getattr(view, "actions", None) or {}
        body = getattr(view.cls, "bodies", {}).get(actions.get(rule.method.lower()))
        if body is None:
            return
        schema = body.schema()
        for said in schema.get("oneOf", [schema]):
            fixed = {name: one["const"] for name, one in said["properties"].items() if "const" in one}
            files = {name for name, one in said["properties"].items() if one.get("format") == "binary"}
            for name in said["properties"].keys() - fixed.keys():
                for payload in (*self.some(), *NUMBERS):
                    seen = client.get("/".join(url.split("/")[:4]) + "/").headers.get("ETag", "")
                    sent = {**fixed, **dict.fromkeys(files, "%PDF-"), name: payload}
                    data, kind = as_form(sent, files) if files else (json.dumps(sent), TYPES[0])
                    self.ask(
                        client, rule.method, url, f"{label} {name}={str(payload)[:20]!r}",
                        data=data, content_type=kind, headers={"if-match": seen},
                    )  # fmt: skip

    def bodies(self, client: Any, url: str, label: str) -> None:
        for kind in TYPES:
            for body in BODIES:
                self.ask(client, "POST", url, f"{label} {kind} {body[:20]!r}", data=body, content_type=kind)

    # ---- rows that are poisoned already --------------------------------------------------------------------------
    def poison(self) -> int:
        """Hostile text in every column that people fill in, as far as the database takes it. Returns how many."""
        from django.apps import apps  # noqa: PLC0415
        from django.db import DatabaseError, models, transaction  # noqa: PLC0415

        written = 0
        for model in (one for one in apps.get_models() if one._meta.app_label in {"registry", "matching"}):
            for column in model._meta.concrete_fields:
                free = isinstance(column, models.CharField | models.TextField) and not (column.choices or column.unique)
                if not free or column.name in CODES:
                    continue
                for number, pk in enumerate(list(model._base_manager.values_list("pk", flat=True))):
                    text = POISON[number % len(POISON)][: getattr(column, "max_length", None)]
                    try:
                        with transaction.atomic():
                            written += models.QuerySet(model).filter(pk=pk).update(**{column.name: text})
                    except DatabaseError:  # append-only, or a constraint
                        continue
        return written

    def read_again(self) -> None:
        for person in self.people:
            client = self.client(person)
            for rule in self.rules:
                if rule.method == "GET" and rule.answers[person] == "o":
                    url = self.address(rule)
                    others = [url.removesuffix("csv") + "xlsx"] if url.endswith(".csv") else []
                    for one in (url, *others):
                        answer, body = self.ask(client, "GET", one, f"poisoned {one} as {person}")
                        if answer.status_code == 200 and (bad := runs(answer.headers.get("Content-Type", ""), body)):
                            self.report.note(f"formula {one} as {person}", bad)


def as_form(sent: dict[str, Any], files: set[str]) -> tuple[bytes, str]:
    """A form as a browser sends it, with its type; of `files` the value is the content."""
    from django.core.files.base import ContentFile  # noqa: PLC0415
    from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart  # noqa: PLC0415

    plain = {name: str(value).encode("utf-8", "replace").decode() for name, value in sent.items()}
    parts = {name: ContentFile(one, name="a.csv") if name in files else one for name, one in plain.items()}
    return encode_multipart(BOUNDARY, parts), MULTIPART_CONTENT


def runs(kind: str, body: bytes) -> str:
    """What a spreadsheet program would run of a file, or "". Raises for a workbook that cannot be opened."""
    if "text/csv" in kind:
        cells = (cell for row in csv.reader(io.StringIO(body.decode("utf-8-sig"))) for cell in row)
        return next((one[:80] for one in cells if one[:1] in "=+-@＝\t\r" and one.strip("+-.() 0123456789")), "")
    if "spreadsheetml" not in kind:
        return ""
    import openpyxl  # noqa: PLC0415

    openpyxl.load_workbook(io.BytesIO(body))
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        pages = {name: parts.read(name) for name in parts.namelist() if "worksheets/" in name}
    return next((name for name, page in pages.items() if b"<f>" in page or b"<hyperlink" in page), "")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--payloads", type=int, default=2, help="for each place and person")
    parser.add_argument("--people", default="", help="some of them, with commas")
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        from tests.services import start_postgres, start_redis  # noqa: PLC0415

        Path(folder).chmod(0o711)  # PostgreSQL runs as another user when we run as root
        os.environ |= {"ENISHI_VAR": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "ALLOWED_HOSTS": "testserver"}
        os.environ |= {"API_PER_MINUTE": "1000000", "API_ANONYMOUS_PER_MINUTE": "1000000"}
        os.environ["REDIS_URL"] = start_redis(Path(folder))
        os.environ.pop("DATABASE_URL", None)
        if options.postgres:
            os.environ["DATABASE_URL"] = start_postgres(Path(folder)).replace("/enishi?", "/postgres?")  # is there
        import django  # noqa: PLC0415  the environment stands only now

        django.setup()
        logging.disable(logging.CRITICAL)  # thousands of refusals
        from django.core.management import call_command  # noqa: PLC0415

        from tests.access.world import make_world  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        attack = Attack(make_world(), options.payloads, options.people)
        attack.walk()
        print(attack.report)
        print(f"{attack.poison()} columns of rows poisoned")
        attack.read_again()
        print(attack.report)
        return 1 if attack.report.found else 0


if __name__ == "__main__":
    sys.exit(main())
