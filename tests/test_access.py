"""The whole of permission in one table: every address × every kind of person × what it answers."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.core.files.base import ContentFile
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from matching.contacts import log
from matching.links import make as make_link
from matching.models import CandidateList, Group, GroupMember, MatchRun, OrderModel
from matching.release import make_list, release
from matching.review import take
from registry.access import VERBS
from registry.imports import upload
from registry.models import (
    Consortium,
    DuplicatePair,
    ErasureRequest,
    Firm,
    FirmPhoto,
    Nda,
    Need,
    NeedDrawing,
    Role,
    User,
    Webhook,
)
from registry.notices import tell
from registry.people import SALT, invite
from registry.tokens import make as make_token
from registry.webhooks import ping
from tests import factories as make
from tests.shared import in_turn

pytestmark = pytest.mark.django_db

ANYONE = {"healthz", "readyz", "set_language"}
TOKEN = r"[A-Za-z0-9]{64}"  # of CSRF: another one each time
LIBRARIES = ("account_", "mfa_", "admin:")
PEOPLE = ("anonymous", "own_firm", "other_firm", "akita", "aomori", "bureau", "anchor", "other_anchor", "admin")
A_CALL: dict[str, Any] = {"day": date(2026, 4, 1), "kind": "call", "whom": "総務", "summary": "聞いた", "minutes": 5}
NO_WEIGHTS = {"names": [], "mean": [], "spread": [], "weights": [], "intercept": 0}
_NOTHING = {"auc": 0.5, "ndcg": 0.5, "needs": 0, "pairs": 0}
NO_TRIAL = {"earlier": 0, "later": 0, "without": _NOTHING, "with": _NOTHING}

# L log-in page (API: 401/403), o allowed, n the role may never (403), h not there for this person (404).
# Words are the address's arguments, by name from `world`; step=hold goes into the form. A firm may claim only rows that
# it found by number or name before: everything else is not there.
TABLE = """
                                     anon own othF aki aom bur anc othA adm
registry:home                    GET  L   o   o    o   o   o   o   o    o
registry:firms                   GET  L   o   o    o   o   o   n   n    o
registry:firms-export csv        GET  L   n   n    o   o   o   n   n    n
registry:firms-export xlsx       GET  L   n   n    o   o   o   n   n    n
registry:firm firm               GET  L   o   h    o   h   o   n   n    o
registry:firm missing            GET  L   h   h    h   h   h   n   n    h
registry:firm-edit firm          GET  L   o   h    o   h   o   n   n    n
registry:firm-section firm,text  GET  L   o   h    o   h   o   n   n    n
registry:firm-wording            POST L   o   o    o   o   o   n   n    n
registry:firm-preview firm       GET  L   o   h    o   h   o   n   n    n
registry:firm-confirm firm       POST L   o   h    n   n   n   n   n    n
registry:firm-english firm       POST L   o   h    o   h   o   n   n    n
registry:firm-history firm       GET  L   n   n    o   h   o   n   n    n
registry:scan firm,certificate   GET  L   o   h    o   h   o   n   n    n
registry:scan-put firm,certificate POST L o   h    o   h   o   n   n    n
registry:scan-remove firm,certificate POST L o h   o   h   o   n   n    n
registry:certificate-step firm,certificate,confirm POST L n n o h o n n    n
registry:photo firm,photo        GET  L   o   h    o   h   o   n   n    n
registry:photo-add firm          POST L   o   h    o   h   o   n   n    n
registry:photo-remove firm,photo POST L   o   h    o   h   o   n   n    n
registry:firm-official firm      GET  L   n   n    o   h   o   n   n    n
registry:firm-official-take firm POST L   n   n    o   h   o   n   n    n
registry:people firm             GET  L   o   h    o   h   o   n   n    n
registry:person-invite firm      POST L   o   h    n   n   n   n   n    n
registry:person-step firm,member,remove POST L o h n   n   n   n   n    n
registry:invitation-withdraw firm,invitation POST L o h n n n  n   n    n
registry:invitation token        GET  L   h   o    n   n   n   n   n    n
registry:leave firm              GET  L   o   h    n   n   n   n   n    n
registry:ask-erasure firm        POST L   o   h    n   n   n   n   n    n
registry:erasures                GET  L   n   n    o   o   o   n   n    n
registry:erasure-decide erasure,keep POST L n n    o   h   o   n   n    n
registry:firm-step firm,archive  POST L   o   h    o   h   o   n   n    n
registry:register                GET  L   o   o    n   n   n   n   n    n
registry:register-firm           GET  L   o   o    n   n   n   n   n    n
registry:claim unclaimed         GET  L   h   h    n   n   n   n   n    n
registry:claims                  GET  L   n   n    o   o   o   n   n    n
registry:claim-decide claim,refuse POST L n   n    o   h   o   n   n    n
registry:notices                 GET  L   o   o    o   o   o   o   o    o
registry:notice notice           GET  L   o   h    h   h   h   h   h    h
registry:notices-read            POST L   o   o    o   o   o   o   o    o
registry:notice-wishes           GET  L   o   o    o   o   o   o   o    o
registry:tokens                  GET  L   o   o    o   o   o   o   o    o
registry:tokens-everybody        GET  L   n   n    n   n   o   n   n    o
registry:token-revoke own_token  POST L   o   h    h   h   o   h   h    o
registry:webhooks                GET  L   n   n    o   o   o   o   o    n
registry:webhook webhook         GET  L   n   n    o   h   h   h   h    n
registry:webhook-step webhook,pause POST L n  n    o   h   h   h   h    n
registry:delivery-again webhook,delivery POST L n n o h h  h   h    n
registry:imports                 GET  L   n   n    o   o   o   o   o    n
registry:import-template kind_firms GET L n   n    o   o   o   h   h    n
registry:import-template kind_needs GET L n   n    o   o   o   o   o    n
registry:import import           GET  L   n   n    o   h   o   h   h    n
registry:import missing          GET  L   n   n    h   h   h   h   h    n
registry:import needs_import     GET  L   n   n    h   h   o   o   h    n
registry:import-header import    POST L   n   n    o   h   o   h   h    n
registry:import-columns import   POST L   n   n    o   h   o   h   h    n
registry:import-remarks import   GET  L   n   n    o   h   o   h   h    n
registry:import-step import,cancel POST L n   n    o   h   o   h   h    n
registry:import-step needs_import,cancel POST L n n h   h   o   o   h    n
registry:events                  GET  L   n   n    o   o   o   n   n    n
registry:duplicates              GET  L   n   n    o   o   o   n   n    n
registry:duplicates-export csv   GET  L   n   n    o   o   o   n   n    n
registry:duplicate pair          GET  L   n   n    o   h   o   n   n    n
registry:duplicate missing       GET  L   n   n    h   h   h   n   n    n
registry:duplicate-merge pair    POST L   n   n    o   h   o   n   n    n
registry:duplicate-step pair,different POST L n n o   h   o   n   n    n
registry:projects                GET  L   o   o    o   o   o   o   o    o
registry:projects-export csv     GET  L   o   o    o   o   o   o   o    o
registry:project project         GET  L   o   o    o   o   o   o   o    o
registry:map                     GET  L   n   n    o   o   o   n   n    n
registry:consortia               GET  L   n   n    o   o   o   n   n    n
registry:consortium consortium   GET  L   n   n    o   o   o   n   n    n
registry:consortium missing      GET  L   n   n    h   h   h   n   n    n
registry:needs                   GET  L   o   o    o   o   o   o   o    o
registry:needs-export csv        GET  L   o   o    o   o   o   o   o    o
registry:need need               GET  L   o   o    o   o   o   o   h    o
registry:need coordinators       GET  L   h   h    o   o   o   o   h    o
registry:need nda                GET  L   h   h    o   h   o   o   h    h
registry:need draft              GET  L   h   h    o   h   o   o   h    o
registry:need missing            GET  L   h   h    h   h   h   h   h    h
registry:need-new                GET  L   n   n    o   o   o   o   o    n
registry:need-edit need          GET  L   n   n    o   h   o   o   h    n
registry:need-edit nda           GET  L   n   n    o   h   o   o   h    n
registry:need-step need,fill     POST L   n   n    o   h   o   o   h    n
registry:need-wording            POST L   n   n    o   o   o   o   o    n
registry:need-lots need          POST L   n   n    o   h   o   o   h    n
registry:need-history need       GET  L   n   n    o   h   o   o   h    n
registry:need-history nda        GET  L   n   n    o   h   o   o   h    n
registry:drawings need           GET  L   n   n    o   h   o   o   h    n
registry:drawings nda            GET  L   n   n    o   h   o   o   h    n
registry:drawing need,drawing    GET  L   n   n    o   h   o   o   h    n
registry:drawing nda,drawing     GET  L   n   n    h   h   h   h   h    n
registry:drawing-add need        POST L   n   n    o   h   o   o   h    n
registry:drawing-remove need,drawing POST L n n    o   h   o   o   h    n
registry:export-check need       POST L   n   n    o   h   o   n   n    n
matching:queue                   GET  L   n   n    o   o   o   n   n    n
matching:proposals-export csv    GET  L   n   n    o   o   o   n   n    n
matching:proposals-count          GET  L   n   n    o   o   o   n   n    n
matching:queue-columns           GET  L   n   n    o   o   o   n   n    n
matching:filters                 GET  L   n   n    o   o   o   n   n    n
matching:filter-act missing,stop POST L   n   n    h   h   h   n   n    n
matching:proposals-changes        GET  L   n   n    o   o   o   n   n    n
matching:bulk step=hold          POST L   n   n    o   o   o   n   n    n
matching:proposal proposal       GET  L   n   n    o   h   o   n   n    n
matching:proposal secret         GET  L   n   n    o   h   o   n   n    n
matching:proposal missing        GET  L   n   n    h   h   h   n   n    n
matching:step proposal,hold      POST L   n   n    o   h   o   n   n    n
matching:proposal-contacts proposal GET L n  n    o   h   o   n   n    n
matching:proposal-contacts secret GET L  n   n    o   h   o   n   n    n
matching:firm-contacts firm      GET  L   n   n    o   h   o   n   n    n
matching:feedback proposal       POST L   n   n    o   h   o   n   n    n
matching:tasks                   GET  L   n   n    o   o   o   n   n    n
matching:tasks-export csv        GET  L   n   n    o   o   o   n   n    n
matching:task-new                GET  L   n   n    o   o   o   n   n    n
matching:task task               GET  L   n   n    o   h   o   n   n    n
matching:task secret_task        GET  L   n   n    o   h   o   n   n    n
matching:task missing            GET  L   n   n    h   h   h   n   n    n
matching:task-step task,done     POST L   n   n    o   h   o   n   n    n
matching:task-step secret_task,done POST L n n     o   h   o   n   n    n
matching:task-report task        POST L   o   h    n   n   n   n   n    n
matching:fit need                GET  L   o   o    n   n   n   n   n    n
matching:fit nda                 GET  L   h   h    n   n   n   n   n    n
matching:why need                GET  L   n   n    o   o   o   n   n    n
matching:why nda                 GET  L   n   n    o   h   o   n   n    n
matching:why missing             GET  L   n   n    h   h   h   n   n    n
matching:proposal-add need       GET  L   n   n    o   o   o   n   n    n
matching:proposal-add nda        GET  L   n   n    o   h   o   n   n    n
matching:list-new need           GET  L   n   n    o   o   o   n   n    n
matching:list-new nda            GET  L   n   n    o   h   o   n   n    n
matching:groups need             GET  L   n   n    o   o   o   n   n    n
matching:groups nda              GET  L   n   n    o   h   o   n   n    n
matching:groups missing          GET  L   n   n    h   h   h   n   n    n
matching:group-new need          POST L   n   n    o   o   o   n   n    n
matching:group-new nda           POST L   n   n    o   h   o   n   n    n
matching:group group             GET  L   n   n    o   o   o   n   n    n
matching:group secret_group      GET  L   n   n    o   h   o   n   n    n
matching:group missing           GET  L   n   n    h   h   h   n   n    n
matching:group-sheet group       GET  L   n   n    o   o   o   n   n    n
matching:group-sheet secret_group GET L   n   n    o   h   o   n   n    n
matching:group-file group,xlsx   GET  L   n   n    o   o   o   n   n    n
matching:group-file secret_group,pdf GET L n  n    o   h   o   n   n    n
matching:group-change group,add  POST L   n   n    o   o   o   n   n    n
matching:group-change secret_group,remove POST L n n o h   o   n   n    n
matching:part part               GET  L   o   h    o   h   o   n   n    n
matching:part waiting_part       GET  L   h   h    o   h   o   n   n    n
matching:part-answer part,join   POST L   o   h    o   h   o   n   n    n
matching:part-answer waiting_part,decline POST L h h o h   o   n   n    n
matching:part-step part,refuse   POST L   n   n    o   h   o   n   n    n
matching:group-step group,propose POST L  n   n    o   o   o   n   n    n
matching:group-step secret_group,dissolve POST L n n o h   o   n   n    n
matching:concerns                GET  L   o   o    n   n   n   n   n    n
matching:offer need              GET  L   o   o    n   n   n   n   n    n
matching:offer nda               GET  L   h   h    n   n   n   n   n    n
matching:nda-ask need            GET  L   o   o    n   n   n   n   n    n
matching:nda-ask nda             GET  L   h   h    n   n   n   n   n    n
matching:consents                GET  L   o   o    n   n   n   n   n    n
matching:consent-revoke consent  POST L   o   h    n   n   n   n   n    n
matching:consent-change consent  GET  L   o   h    n   n   n   n   n    n
matching:inquiries               GET  L   n   n    o   o   o   n   n    n
matching:inquiries-export csv    GET  L   n   n    o   o   o   n   n    n
matching:inquiry-new             GET  L   n   n    o   o   o   n   n    n
matching:inquiry inquiry         GET  L   o   h    o   h   o   n   n    n
matching:inquiry secret_inquiry  GET  L   o   h    o   h   o   n   n    n
matching:inquiry-answer inquiry  POST L   o   h    o   h   o   n   n    n
matching:inquiry-step inquiry,withdraw POST L o h  o   h   o   n   n    n
matching:nda inquiry,record      POST L   n   n    o   h   o   n   n    n
matching:firm-drawing inquiry,drawing GET L o h    n   n   n   n   n    n
matching:firm-drawing secret_inquiry,drawing GET L h h n n n   n   n    n
matching:need-panel need,candidates GET L n n      o   o   o   n   n    n
matching:need-panel nda,inquiries GET L   n   n    o   h   o   n   n    n
matching:volume need             GET  L   n   n    o   o   o   n   n    n
matching:volume nda              GET  L   n   n    o   h   o   n   n    n
matching:lists                   GET  L   n   n    o   o   o   o   o    n
matching:list released           GET  L   n   n    o   h   o   o   h    n
matching:list unreleased         GET  L   n   n    o   h   o   h   h    n
matching:list-file released,csv  GET  L   n   n    o   h   o   o   h    n
matching:list-file released,xlsx GET  L   n   n    o   h   o   o   h    n
matching:list-file released,pdf  GET  L   n   n    o   h   o   o   h    n
matching:list-file unreleased,csv GET L   n   n    o   h   o   h   h    n
matching:list-file unreleased,pdf GET L   n   n    o   h   o   h   h    n
matching:list-answer released,entry POST L n n    n   n   n   o   h    n
matching:list-answer unreleased,entry POST L n n  n   n   n   h   h    n
matching:link-new released       POST L   n   n    o   h   o   n   n    n
matching:link-end link           POST L   n   n    o   h   o   n   n    n
matching:shared wrong            GET  h   h   h    h   h   h   h   h    h
matching:shared secret_link      GET  o   o   o    o   o   o   o   o    o
matching:shared-code wrong       POST h   h   h    h   h   h   h   h    h
matching:shared-enter wrong      POST h   h   h    h   h   h   h   h    h
matching:shared-enter secret_link POST o  o   o    o   o   o   o   o    o
matching:shared-file wrong,csv   GET  h   h   h    h   h   h   h   h    h
matching:shared-answer wrong,1   POST h   h   h    h   h   h   h   h    h
matching:list-step released,withdraw POST L n n    o   h   o   n   n    n
matching:exposure                GET  L   n   n    o   o   o   n   n    n
matching:exposure-export csv     GET  L   n   n    o   o   o   n   n    n
matching:learning                GET  L   n   n    o   o   o   n   n    n
matching:learning-train          POST L   n   n    n   n   o   n   n    n
matching:learning-use order_model,activate POST L n n n n   o   n   n    n
matching:figures                 GET  L   n   n    o   o   o   n   n    n
matching:figures-export csv      GET  L   n   n    o   o   o   n   n    n
matching:decisions               GET  L   n   n    o   o   o   n   n    n
matching:decisions-export csv    GET  L   n   n    o   o   o   n   n    n
matching:runs                    GET  L   n   n    o   o   o   n   n    n
matching:run run                 GET  L   n   n    o   o   o   n   n    n
matching:rematch                 POST L   n   n    o   o   o   n   n    n
matching:run-cancel run          POST L   n   n    o   o   o   n   n    n
matching:need-match need         POST L   n   n    o   o   o   n   n    n
matching:need-match nda          POST L   n   n    o   h   o   n   n    n
firm-list                        GET  L   o   o    o   o   o   n   n    o
firm-detail firm                 GET  L   o   h    o   h   o   n   n    o
project-list                     GET  L   o   o    o   o   o   o   o    o
project-detail project           GET  L   o   o    o   o   o   o   o    o
need-list                        GET  L   o   o    o   o   o   o   o    o
need-detail need                 GET  L   o   o    o   o   o   o   h    o
need-detail nda                  GET  L   h   h    o   h   o   o   h    h
proposal-list                    GET  L   n   n    o   o   o   n   n    n
proposal-detail proposal         GET  L   n   n    o   h   o   n   n    n
task-list                        GET  L   n   n    o   o   o   n   n    n
task-detail task                 GET  L   n   n    o   h   o   n   n    n
list-list                        GET  L   n   n    o   o   o   o   o    n
list-detail released             GET  L   n   n    o   h   o   o   h    n
list-detail unreleased           GET  L   n   n    o   h   o   h   h    n
firm-list                        POST L   o   o    n   n   n   n   n    n
firm-detail firm                 PATCH L  o   h    o   h   o   n   n    n
firm-steps firm                  POST L   o   h    o   h   o   n   n    n
need-list                        POST L   n   n    o   o   o   o   o    n
need-detail need                 PATCH L  n   n    o   h   o   o   h    n
need-detail nda                  PATCH L  n   n    o   h   o   o   h    n
need-steps need                  POST L   n   n    o   h   o   o   h    n
need-matched-again need          POST L   n   n    o   o   o   n   n    n
need-matched-again nda           POST L   n   n    o   h   o   n   n    n
proposal-list                    POST L   n   n    o   o   o   n   n    n
proposal-bulk                    POST L   n   n    o   o   o   n   n    n
proposal-steps proposal          POST L   n   n    o   h   o   n   n    n
proposal-steps secret            POST L   n   n    o   h   o   n   n    n
inquiry-list                     POST L   n   n    o   o   o   n   n    n
inquiry-answer inquiry           POST L   n   n    o   h   o   n   n    n
inquiry-steps inquiry            POST L   n   n    o   h   o   n   n    n
concern-answer inquiry           POST L   o   h    n   n   n   n   n    n
concern-steps inquiry            POST L   o   h    n   n   n   n   n    n
consent-steps consent            POST L   o   h    n   n   n   n   n    n
contact-list                     POST L   n   n    o   o   o   n   n    n
list-list                        POST L   n   n    o   o   o   n   n    n
list-steps released              POST L   n   n    o   h   o   n   n    n
list-answer released             POST L   n   n    n   n   n   o   h    n
list-answer unreleased           POST L   n   n    n   n   n   h   h    n
group-steps group                POST L   n   n    o   o   o   n   n    n
group-steps secret_group         POST L   n   n    o   h   o   n   n    n
group-parts group                POST L   n   n    o   o   o   n   n    n
group-parts secret_group         POST L   n   n    o   h   o   n   n    n
list-entries released            GET  L   n   n    o   h   o   o   h    n
list-entries unreleased          GET  L   n   n    o   h   o   h   h    n
decision-list                    GET  L   n   n    o   o   o   n   n    n
decision-detail decision         GET  L   n   n    o   h   o   n   n    n
inquiry-list                     GET  L   n   n    o   o   o   n   n    n
inquiry-detail inquiry           GET  L   n   n    o   h   o   n   n    n
inquiry-detail secret_inquiry    GET  L   n   n    o   h   o   n   n    n
concern-list                     GET  L   o   o    n   n   n   n   n    n
concern-detail inquiry           GET  L   o   h    n   n   n   n   n    n
consent-list                     GET  L   o   o    n   n   n   n   n    n
consent-detail consent           GET  L   o   h    n   n   n   n   n    n
contact-list                     GET  L   n   n    o   o   o   n   n    n
contact-detail contact           GET  L   n   n    o   h   o   n   n    n
group-list                       GET  L   n   n    o   o   o   n   n    n
group-detail group               GET  L   n   n    o   o   o   n   n    n
group-detail secret_group        GET  L   n   n    o   h   o   n   n    n
consortium-list                  GET  L   n   n    o   o   o   n   n    n
consortium-detail kaze           GET  L   n   n    o   o   o   n   n    n
catalogue offices                GET  L   o   o    o   o   o   o   o    o
me                               GET  L   o   o    o   o   o   o   o    o
api-nothing elsewhere            GET  L   h   h    h   h   h   h   h    h
schema                           GET  L   o   o    o   o   o   o   o    o
api-docs                         GET  L   o   o    o   o   o   o   o    o
"""


@dataclass(frozen=True)
class Rule:
    name: str
    words: tuple[str, ...]
    method: str
    answers: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.name} {','.join(self.words)}".strip()


def rules() -> Iterator[Rule]:
    for line in TABLE.strip().splitlines()[1:]:
        words = line.split()
        answers = words[-len(PEOPLE) :]
        name, *rest, method = words[: -len(PEOPLE)]
        yield Rule(name, tuple(rest[0].split(",")) if rest else (), method, dict(zip(PEOPLE, answers, strict=True)))


RULES = list(rules())


@pytest.fixture(scope="module")
def world(
    shared_rows: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        with django_db_blocker.unblock():
            rows = make_world()
        yield rows


@pytest.fixture(scope="module")
def sessions(world: dict[str, Any], django_db_blocker: DjangoDbBlocker) -> dict[str, str]:
    """The cookie of each person who is signed in."""
    with django_db_blocker.unblock():
        browsers = {person: make.sign_in(world[person]) for person in PEOPLE[1:]}
    return {person: browser.cookies[settings.SESSION_COOKIE_NAME].value for person, browser in browsers.items()}


def make_world() -> dict[str, Any]:
    """One Akita firm, an open need in Akita and its kin of every visibility, and one person of each kind."""
    akita, aomori = make.OfficeFactory("05"), make.OfficeFactory("02")
    project = make.ProjectFactory(municipality=make.MunicipalityFactory("05202"))
    firm = make.FirmFactory(prefecture=make.PrefectureFactory("05"), state="published")
    unclaimed = make.FirmFactory(prefecture=make.PrefectureFactory("05"), state="published")
    need, coordinators, nda, draft = (
        make.NeedFactory(project=project, office=akita, state=state, visibility=visibility)
        for state, visibility in [("open", "public"), ("open", "coordinators"), ("open", "nda"), ("draft", "public")]
    )
    people = {
        "own_firm": make.FirmUserFactory(firm),
        "other_firm": make.FirmUserFactory(make.FirmFactory(prefecture=make.PrefectureFactory("02"))),
        "akita": make.UserFactory(Role.COORDINATOR),
        "aomori": make.UserFactory(Role.COORDINATOR),
        "bureau": make.BureauFactory(),
        "anchor": make.AnchorFactory(project),
        "other_anchor": make.AnchorFactory(make.ProjectFactory()),
        "admin": make.UserFactory(Role.ADMIN),
    }
    akita.members.add(people["akita"])
    aomori.members.add(people["aomori"])
    claim = make.ClaimFactory(user=people["other_firm"], firm=unclaimed)
    proposal = make.ProposalFactory(need=need, firm=firm)
    chosen = make.ProposalFactory(need=need, firm=unclaimed)
    take("shortlist", chosen, by=people["akita"], reason="fit")
    make.ConsentFactory(chosen)
    lists = [make_list(need, by=people["akita"], recipient="T1") for _ in range(2)]
    release(lists[0], by=people["akita"])
    link, secret = make_link(lists[0], by=people["akita"], email="holm@example.dk", language="en", days=14)
    return people | {
        "firm": firm.pk,
        "unclaimed": unclaimed.pk,
        "claim": claim.pk,
        "project": project.pk,
        "need": need.pk,
        "coordinators": coordinators.pk,
        "nda": nda.pk,
        "draft": draft.pk,
        "proposal": proposal.pk,
        "secret": make.ProposalFactory(need=nda, firm=firm).pk,
        **_groups(need, nda, firm, people["akita"]),
        "released": lists[0].pk,
        "entry": lists[0].entries.get().pk,
        "link": link.pk,
        "secret_link": secret,
        "unreleased": lists[1].pk,
        "order_model": OrderModel.objects.create(weights=NO_WEIGHTS, trial=NO_TRIAL, decisions=0, better=True).pk,
        "import": upload("a.csv", "名称,都道府県\na,秋田県".encode(), by=people["akita"], source="x").pk,
        "needs_import": upload("a.csv", b"title,description\na,b", by=people["anchor"], source="x").pk,
        "kind_firms": "firms",
        "kind_needs": "needs",
        "pair": DuplicatePair.objects.create(first=firm, second=unclaimed, score=60).pk,
        "run": MatchRun.objects.create(reason="test").pk,
        **_of_the_profile(firm, people),
        "task": make.TaskFactory(proposal=proposal, side="firm", made_by=people["akita"]).pk,
        "secret_task": make.TaskFactory(need=nda, made_by=people["akita"]).pk,
        "consent": make.ConsentFactory(proposal).pk,
        "inquiry": make.InquiryFactory(need=need, firm=firm, asked_by=people["akita"]).pk,
        "secret_inquiry": make.InquiryFactory(need=nda, firm=firm, asked_by=people["akita"]).pk,
        "contact": log(firm, people["akita"], **A_CALL).pk,
        "decision": chosen.decisions.get().pk,
        **_of_a_webhook(people["akita"]),
        "own_token": make_token(people["own_firm"], name="x", access="read", resources=[], days=1)[0].pk,
        **_under_nda(need, firm, people["akita"]),
        "notice": tell([people["own_firm"]], "claim.approve", "/", firm="能代")[0].pk,
        "consortium": Consortium.objects.create(code="kaze", name="風作戦").pk,
        "missing": 999_999,
    }


def _of_a_webhook(owner: User) -> dict[str, Any]:
    hook = Webhook.objects.create(owner=owner, url="https://example.jp/")
    return {"webhook": hook.pk, "delivery": ping(hook).pk}


def _under_nda(need: Need, firm: Firm, by: User) -> dict[str, Any]:
    drawing = NeedDrawing(need=need, title="図面", uploaded_by=by)
    drawing.file.save("scan.pdf", ContentFile(b"%PDF-"))
    Nda.objects.create(need=need, firm=firm, signed_on=timezone.localdate(), recorded_by=by)
    return {"drawing": drawing.pk}


def _groups(need: Need, nda: Need, firm: Firm, by: User) -> dict[str, Any]:
    """The firm is asked in a group that was proposed; in a draft of a secret need it knows of nothing."""
    group = Group.objects.create(need=need, number=1, made_by=by, state=Group.State.PROPOSED)
    secret = Group.objects.create(need=nda, number=1, made_by=by)
    asked, waiting = (
        GroupMember.objects.create(group=of, firm=firm, position=1, is_lead=True, state=state, verdict="pass")
        for of, state in ((group, "accepted"), (secret, "waiting"))
    )
    return {"group": group.pk, "secret_group": secret.pk, "part": asked.pk, "waiting_part": waiting.pk}


def _of_the_profile(firm: Firm, people: dict[str, User]) -> dict[str, Any]:
    held, shown = (
        firm.firm_certifications.create(stated="ISO 9001"),
        FirmPhoto(firm=firm, alt="工場", width=1, height=1),
    )
    held.scan.save("scan.pdf", ContentFile(b"%PDF-"))
    shown.image.save("photo.jpg", ContentFile(b"x"))
    owner = firm.memberships.get()
    waiting = invite(firm, people["other_firm"].email, "member", by=owner.user)
    return {
        "certificate": held.pk,
        "photo": shown.pk,
        "member": owner.pk,
        "invitation": waiting.pk,
        "token": signing.dumps(waiting.pk, salt=SALT),
        "erasure": ErasureRequest.objects.create(firm=firm, made_by=owner.user, due_on=timezone.localdate()).pk,
    }


def answer(response: Any) -> str:
    """The letter of the table. An API that knows nobody answers 401 or 403, which only `L` may stand for."""
    status = response.status_code
    if status == 302 and reverse("account_login") in response["Location"]:
        return "L"
    if status in {403, 404}:
        return {403: "n", 404: "h"}[status]
    assert status < 400 or status in {400, 409, 422, 428}, f"{status} {response.content[:500]!r}"
    return "o"


@pytest.mark.parametrize("rule", in_turn(RULES))
def test_every_address_answers_each_person_as_the_table_says(
    rule: Rule, world: dict[str, Any], sessions: dict[str, str]
) -> None:
    found = {}
    for person in PEOPLE:
        client = Client()
        client.cookies.load({settings.SESSION_COOKIE_NAME: sessions[person]} if person in sessions else {})
        data = dict(word.split("=") for word in rule.words if "=" in word)
        url = reverse(rule.name, args=[world.get(word, word) for word in rule.words if "=" not in word])
        if url.startswith("/api/"):  # an API that knows the object asks for its ETag next: 428
            response = client.generic(rule.method, url, "{}", content_type="application/json")
        else:
            response = client.post(url, data) if rule.method == "POST" else client.get(url)
        is_api = person == "anonymous" and url.startswith("/api/") and response.status_code in {401, 403}
        found[person] = "L" if is_api else answer(response)
        if rule.method == "POST" and found[person] == "o" and not url.startswith("/api/"):
            assert client.get(url).status_code == 405, "a change by GET"
    assert found == rule.answers


def every_route(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern.callback
        else:
            yield from every_route(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)


def own_routes() -> dict[str, Callable[..., Any]]:
    routes = dict(every_route(get_resolver()))
    return {name: view for name, view in routes.items() if not name.startswith(LIBRARIES) and name not in ANYONE}


def verb_of(view: Callable[..., Any]) -> str | None:
    """A function names its verb itself, an API view in its class."""
    places: tuple[Any, ...] = (view, getattr(view, "cls", None), getattr(view, "view_class", None))
    return next((place.verb for place in places if hasattr(place, "verb")), None)


def test_no_address_is_without_a_rule() -> None:
    assert set(own_routes()) == {rule.name for rule in RULES}


def test_every_address_names_a_verb_that_exists() -> None:
    for name, view in own_routes().items():
        assert verb_of(view) in VERBS or getattr(view, "by_secret", False), name


def test_every_verb_is_used() -> None:
    used = {
        getattr(view, "verb", None) or getattr(getattr(view, "cls", None), "verb", "") for view in own_routes().values()
    }
    asked_in_templates_or_verbs = {"registry.review_need", "registry.import_register", "registry.import_need"}
    assert set(VERBS) - used <= asked_in_templates_or_verbs


def test_not_yours_and_absent_look_the_same(world: dict[str, Any], client: Client) -> None:
    client.force_login(world["aomori"])
    for name, hidden in [("registry:firm", "firm"), ("registry:need", "nda"), ("matching:proposal", "proposal")]:
        urls = [reverse(name, args=[world[key]]) for key in (hidden, "missing")]
        yours, absent = (client.get(url) for url in urls)
        pages = ((yours, urls[0]), (absent, urls[1]))
        bodies = {re.sub(TOKEN, "", page.content.decode()).replace(url, "") for page, url in pages}
        assert (yours.status_code, len(bodies)) == (404, 1)


def test_a_deactivated_person_is_out_at_once(world: dict[str, Any], client: Client) -> None:
    client.force_login(world["bureau"])
    User.objects.filter(pk=world["bureau"].pk).update(is_active=False)
    assert answer(client.get(reverse("matching:queue"))) == "L"


def test_a_changed_scope_holds_on_the_next_request(world: dict[str, Any], client: Client) -> None:
    client.force_login(world["akita"])
    url = reverse("registry:firm", args=[world["firm"]])
    assert client.get(url).status_code == 200
    world["akita"].offices.clear()
    assert client.get(url).status_code == 404


def test_a_need_that_goes_under_nda_is_gone_for_everybody_else_at_once(world: dict[str, Any], client: Client) -> None:
    Need.objects.filter(pk=world["need"]).update(visibility="nda", office=None)
    client.force_login(world["akita"])
    for name, key in [("registry:need", "need"), ("matching:proposal", "proposal"), ("matching:list", "released")]:
        assert client.get(reverse(name, args=[world[key]])).status_code == 404
    assert CandidateList.objects.count() == 2


@pytest.mark.parametrize(
    ("page", "api"),
    [
        ("registry:firms", "firm-list"),
        ("registry:needs", "need-list"),
        ("registry:projects", "project-list"),
        ("matching:queue", "proposal-list"),
        ("matching:decisions", "decision-list"),
        ("matching:inquiries", "inquiry-list"),
        ("matching:lists", "list-list"),
    ],
)
def test_the_api_lists_what_the_page_lists(page: str, api: str, world: dict[str, Any], client: Client) -> None:
    for person in PEOPLE[1:]:
        client.force_login(world[person])
        shown, listed = client.get(reverse(page)), client.get(reverse(api))
        assert shown.status_code == listed.status_code
        if shown.status_code == 200:
            assert {row.pk for row in shown.context["page_obj"]} == {row["id"] for row in listed.json()["results"]}
