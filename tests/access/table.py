"""The whole of permission in one table: every address × every kind of person × what it answers."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.access.table_of_api import API

PEOPLE = ("anonymous", "own_firm", "other_firm", "akita", "aomori", "bureau", "anchor", "other_anchor", "admin")

# L log-in page (API: 401/403), o allowed, n the role may never (403), h not there for this person (404).
# Words are the address's arguments, by name from `world`; step=hold goes into the form. A firm may claim only rows that
# it found by number or name before: everything else is not there.
PAGES = """
                                     anon own othF aki aom bur anc othA adm
registry:home                    GET  L   o   o    o   o   o   o   o    o
registry:firms                   GET  L   o   o    o   o   o   n   n    o
registry:firms-export csv        GET  L   n   n    o   o   o   n   n    n
registry:firms-export xlsx       GET  L   n   n    o   o   o   n   n    n
registry:equipment-export csv    GET  L   n   n    o   o   o   n   n    n
registry:certificates-export csv GET  L   n   n    o   o   o   n   n    n
registry:capabilities-export csv GET  L   n   n    o   o   o   n   n    n
registry:memberships-export xlsx GET  L   n   n    o   o   o   n   n    n
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
registry:erasures-export csv     GET  L   n   n    o   o   o   n   n    n
registry:erasure-decide erasure,keep POST L n n    o   h   o   n   n    n
registry:firm-step firm,archive  POST L   o   h    o   h   o   n   n    n
registry:register                GET  L   o   o    n   n   n   n   n    n
registry:register-firm           GET  L   o   o    n   n   n   n   n    n
registry:claim unclaimed         GET  L   h   h    n   n   n   n   n    n
registry:claims                  GET  L   n   n    o   o   o   n   n    n
registry:claims-export csv       GET  L   n   n    o   o   o   n   n    n
registry:claim-decide claim,refuse POST L n   n    o   h   o   n   n    n
registry:notices                 GET  L   o   o    o   o   o   o   o    o
registry:notices-export csv      GET  L   o   o    o   o   o   o   o    o
registry:notice notice           GET  L   o   h    h   h   h   h   h    h
registry:notices-read            POST L   o   o    o   o   o   o   o    o
registry:notice-wishes           GET  L   o   o    o   o   o   o   o    o
registry:tokens                  GET  L   o   o    o   o   o   o   o    o
registry:tokens-everybody        GET  L   n   n    n   n   o   n   n    o
registry:tokens-everybody-export csv GET L n  n    n   n   o   n   n    o
registry:token-revoke own_token  POST L   o   h    h   h   o   h   h    o
registry:webhooks                GET  L   n   n    o   o   o   o   o    n
registry:webhook webhook         GET  L   n   n    o   h   h   h   h    n
registry:webhook-step webhook,pause POST L n  n    o   h   h   h   h    n
registry:delivery-again webhook,delivery POST L n n o h h  h   h    n
registry:imports                 GET  L   n   n    o   o   o   o   o    n
registry:imports-export csv      GET  L   n   n    o   o   o   o   o    n
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
registry:attendance-export csv   GET  L   n   n    o   o   o   n   n    n
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
registry:consortia-export csv    GET  L   n   n    o   o   o   n   n    n
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
matching:lists-export csv        GET  L   n   n    o   o   o   o   o    n
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
matching:runs-export csv         GET  L   n   n    o   o   o   n   n    n
matching:run run                 GET  L   n   n    o   o   o   n   n    n
matching:rematch                 POST L   n   n    o   o   o   n   n    n
matching:run-cancel run          POST L   n   n    o   o   o   n   n    n
matching:need-match need         POST L   n   n    o   o   o   n   n    n
matching:need-match nda          POST L   n   n    o   h   o   n   n    n
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
    for line in (*PAGES.strip().splitlines()[1:], *API.strip().splitlines()[1:]):
        words = line.split()
        answers = words[-len(PEOPLE) :]
        name, *rest, method = words[: -len(PEOPLE)]
        yield Rule(name, tuple(rest[0].split(",")) if rest else (), method, dict(zip(PEOPLE, answers, strict=True)))


RULES = list(rules())
