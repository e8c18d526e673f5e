"""Schemathesis over the whole API: valid and invalid requests made from its own description, by every kind of person.

    .venv/bin/python -m tests.bench.schema            # 2,000 cases and more for each of four people, some minutes
    .venv/bin/python -m tests.bench.schema --cases 200

It migrates a database of its own in a temporary folder, fills it with one row of each kind, and checks every answer:
no 5xx, no status, type or shape that is not described, nothing invalid accepted, nothing valid refused without a reason
that the description gives. It ends with the number of cases and failures of each person.
"""

import argparse
import logging
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

REFUSALS = ["400", "401", "403", "404", "406", "409", "412", "413", "415", "422", "428", "429"]
"""Rows that do not exist, steps that are not possible now, ETags of nothing: a description cannot hold these."""
WORK = {
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", *REFUSALS]},
        "negative_data_rejection": {"expected-statuses": REFUSALS},
        "missing_required_header": {"expected-statuses": REFUSALS},
    }
}
ACTORS = ("admin", "akita", "own_firm", "anonymous")


@dataclass
class Report:
    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        spread = ", ".join(f"{status} × {count}" for status, count in sorted(self.statuses.items()))
        return f"{self.cases} cases, {len(self.failures)} failures ({spread})"


def walk(secret: str, ids: dict[str, int], *, cases: int) -> Report:
    """About so many cases, spread over all operations, valid and invalid in turn.

    secret  token of the actor, empty for nobody
    ids     by the word after /api/, a row that exists: valid cases meet it instead of a made-up one
    """
    import schemathesis  # noqa: PLC0415  a dev tool, needed by this command and its test alone
    from hypothesis import HealthCheck, Phase, given, settings  # noqa: PLC0415
    from schemathesis.config import SchemathesisConfig  # noqa: PLC0415
    from schemathesis.generation import GenerationMode  # noqa: PLC0415

    from config.wsgi import application  # noqa: PLC0415  Django is set up only now

    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    described = _description()
    schema = schemathesis.openapi.from_dict(described, config=SchemathesisConfig.from_dict(WORK))
    schema.app = application
    found: Any = schema.get_all_operations()
    operations = [result.ok() for result in found]
    report, each = Report(), max(1, cases // (2 * len(operations)))

    def run(operation: Any, mode: Any, **fixed: Any) -> None:
        @settings(
            max_examples=each,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode, **fixed))
        def meet(case: Any) -> None:
            report.cases += 1
            if fixed and "If-Match" in case.headers:  # valid in earnest: the object as it is now
                case.headers["If-Match"] = _etag(
                    f"/api/{operation.path.split('/')[2]}/{fixed['path_parameters']['id']}/", headers
                )
            try:
                answer = case.call_and_validate(headers=headers)
                report.statuses[answer.status_code] += 1
            except (Exception, BaseExceptionGroup) as failure:  # all of them are told at the end
                report.failures.setdefault(f"{operation.label} {str(failure)[:80]}", str(failure))

        try:
            meet()
        except Exception as failure:  # nothing to generate: an operation without anything to get wrong
            if "Unsatisfiable" not in type(failure).__name__:
                report.failures[operation.label] = repr(failure)

    for operation in operations:
        word = operation.path.split("/")[2]
        known = {"path_parameters": {"id": ids[word]}} if "{id}" in operation.path and word in ids else {}
        run(operation, GenerationMode.POSITIVE, **known)
        run(operation, GenerationMode.NEGATIVE)
    return report


def _etag(path: str, headers: dict[str, str]) -> str:
    from django.test import Client  # noqa: PLC0415

    return Client(SERVER_NAME="localhost").get(path, headers=headers).headers.get("ETag", '"none"')


def _description() -> dict[str, Any]:
    from drf_spectacular.generators import SchemaGenerator  # noqa: PLC0415

    generator: Any = SchemaGenerator()  # type: ignore[no-untyped-call]
    found: dict[str, Any] = generator.get_schema(request=None, public=True)
    return found


def actors() -> Iterator[tuple[str, str]]:
    """Each actor's name with the secret of a token that may do all that they may."""
    from registry.tokens import make  # noqa: PLC0415
    from tests.security.world import world  # noqa: PLC0415

    people = world()
    for name in ACTORS:
        secret = "" if name == "anonymous" else make(people[name], name="walk", access="write", resources=[], days=1)[1]
        yield name, secret


def rows() -> dict[str, int]:
    from matching import models as of_matching  # noqa: PLC0415
    from registry import models as of_register  # noqa: PLC0415

    models: dict[str, Any] = {
        "firms": of_register.Firm,
        "needs": of_register.Need,
        "projects": of_register.AnchorProject,
        "proposals": of_matching.Proposal,
        "decisions": of_matching.Decision,
        "inquiries": of_matching.Inquiry,
        "concerns": of_matching.Inquiry,
        "consents": of_matching.DisclosureConsent,
        "lists": of_matching.CandidateList,
        "groups": of_matching.Group,
        "parts": of_matching.GroupMember,
        "tasks": of_matching.Task,
        "own-tasks": of_matching.Task,
        "runs": of_matching.MatchRun,
        "claims": of_register.FirmClaim,
        "duplicates": of_register.DuplicatePair,
        "erasures": of_register.ErasureRequest,
        "imports": of_register.ImportBatch,
        "notices": of_register.Notice,
    }
    return {word: pk for word, model in models.items() if (pk := model.objects.values_list("pk", flat=True).first())}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=int, default=2_200, help="for each person")
    wanted = parser.parse_args().cases
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ENISHI_VAR": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
        os.environ |= {"API_PER_MINUTE": "1000000", "API_ANONYMOUS_PER_MINUTE": "1000000"}
        os.environ.pop("DATABASE_URL", None)
        import django  # noqa: PLC0415  the environment stands only now

        django.setup()
        logging.disable(logging.WARNING)  # thousands of refusals
        from django.core.management import call_command  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        failed = 0
        for name, secret in list(actors()):
            report = walk(secret, rows(), cases=wanted)
            failed += len(report.failures)
            print(f"{name:<10} {report}", *report.failures.values(), sep="\n  ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
