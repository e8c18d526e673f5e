"""Rows for tests: plain functions, each makes one valid row with what it needs and takes any column by name."""

from itertools import count
from typing import Any

from django.test import Client
from django.utils import timezone

from matching.consent import a_year_from_now
from matching.models import DISCLOSABLE, DisclosureConsent, Inquiry, Proposal, Task
from registry.models import (
    AnchorProject,
    Capability,
    Certification,
    Criterion,
    Firm,
    FirmClaim,
    FirmMembership,
    Industry,
    Municipality,
    Need,
    Office,
    Place,
    Prefecture,
    ProjectMembership,
    Role,
    Sector,
    User,
)
from registry.text import add_working_days, corporate_number_check_digit

PASSWORD = "enishi-test-2026"
_numbers = count(1)
_PREFECTURES = {
    "02": ("青森県", "Aomori"),
    "03": ("岩手県", "Iwate"),
    "04": ("宮城県", "Miyagi"),
    "05": ("秋田県", "Akita"),
    "06": ("山形県", "Yamagata"),
    "07": ("福島県", "Fukushima"),
}
_MUNICIPALITIES = {
    "02201": ("青森市", "Aomori-shi", 40.8222, 140.7474),
    "02202": ("弘前市", "Hirosaki", 40.5931, 140.4725),
    "03205": ("花巻市", "Hanamaki-shi", 39.3886, 141.1169),
    "03206": ("北上市", "Kitakami-shi", 39.2867, 141.1131),
    "04421": ("大和町", "Taiwa-machi", 38.4372, 140.8864),
    "05202": ("能代市", "Noshiro-shi", 40.2121, 140.0266),
    "05204": ("大館市", "Odate", 40.2718, 140.5576),
    "05206": ("男鹿市", "Oga-shi", 39.8867, 139.8475),
    "05210": ("由利本荘市", "Yurihonjo", 39.3895, 140.0581),
    "07212": ("南相馬市", "Minamisoma-shi", 37.6422, 140.9574),
}


def number() -> int:
    return next(_numbers)


def corporate_number(n: int | None = None) -> str:
    base = f"99991{number() if n is None else n:07d}"
    return f"{corporate_number_check_digit(base)}{base}"


# ---- catalogues -----------------------------------------------------------------------------------------------------
def PrefectureFactory(code: str = "05") -> Prefecture:
    name, name_en = _PREFECTURES[code]
    defaults = {"name": name, "name_en": name_en, "in_tohoku": True}
    return Prefecture.objects.get_or_create(code=code, defaults=defaults)[0]


def MunicipalityFactory(code: str = "05202") -> Municipality:
    name, name_en, latitude, longitude = _MUNICIPALITIES[code]
    defaults = {"name": name, "name_en": name_en, "latitude": latitude, "longitude": longitude}
    prefecture = PrefectureFactory(code[:2])
    return Municipality.objects.get_or_create(code=code, defaults=defaults | {"prefecture": prefecture})[0]


def SectorFactory(code: str = "wind", **fields: Any) -> Sector:
    defaults = {"name": {"wind": "洋上風力", "semiconductor": "半導体"}.get(code, code), "name_en": code} | fields
    defaults.setdefault("cluster_id", code)
    return Sector.objects.get_or_create(code=code, defaults=defaults)[0]


def IndustryFactory(code: str = "E24", **fields: Any) -> Industry:
    return Industry.objects.get_or_create(code=code, defaults={"name": "金属製品製造業", "name_en": "Metal"} | fields)[
        0
    ]


def CapabilityFactory(code: str = "welding", **fields: Any) -> Capability:
    defaults: dict[str, Any] = {"name": "溶接", "name_en": "Welding", "group": "metal", "group_name": "金属加工"}
    return Capability.objects.get_or_create(code=code, defaults=defaults | fields)[0]


def CertificationFactory(code: str = "iso-9001", **fields: Any) -> Certification:
    return Certification.objects.get_or_create(
        code=code, defaults={"name": code.upper(), "name_en": code.upper()} | fields
    )[0]


def PlaceFactory(code: str = "noshiro-port", **fields: Any) -> Place:
    defaults: dict[str, Any] = {
        "name": "能代港",
        "name_en": "Noshiro port",
        "kind": "port",
        "latitude": 40.2,
        "longitude": 140.0,
    }
    return Place.objects.get_or_create(code=code, defaults=defaults | fields)[0]


# ---- people ---------------------------------------------------------------------------------------------------------
def UserFactory(role: Role = Role.FIRM, **fields: Any) -> User:
    password = fields.pop("password", PASSWORD)
    fields.setdefault("email", f"{role}{number()}@example.jp")
    return User.objects.create_user(password=password, role=role, **fields)


def OfficeFactory(*prefectures: str, clusters: tuple[str, ...] = (), **fields: Any) -> Office:
    code = f"office-{number()}"
    kind = fields.pop("kind", Office.Kind.PREFECTURE)
    office = Office.objects.create(**{"code": code, "name": f"支援機関{code}", "kind": kind} | fields)
    office.prefectures.set([PrefectureFactory(code) for code in prefectures])
    office.clusters.set([SectorFactory(code) for code in clusters])
    return office


def CoordinatorFactory(*prefectures: str, **fields: Any) -> User:
    """A coordinator of a new office for these prefectures, Akita when none is said."""
    user = UserFactory(Role.COORDINATOR, **fields)
    OfficeFactory(*(prefectures or ("05",))).members.add(user)
    return user


def BureauFactory(**fields: Any) -> User:
    return UserFactory(Role.BUREAU, **fields)


def AnchorFactory(*projects: AnchorProject, **fields: Any) -> User:
    user = UserFactory(Role.ANCHOR, **fields)
    for project in projects:
        ProjectMembership.objects.create(user=user, project=project)
    return user


def FirmUserFactory(*firms: Firm, **fields: Any) -> User:
    user = UserFactory(Role.FIRM, **fields)
    for firm in firms:
        FirmMembership.objects.create(user=user, firm=firm)
    return user


def sign_in(user: User) -> Client:
    """A browser of the person's own, in English."""
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(user)
    return browser


# ---- firms and needs ------------------------------------------------------------------------------------------------
def FirmFactory(**fields: Any) -> Firm:
    n = number()
    if "municipality" in fields and fields["municipality"] is not None:
        fields.setdefault("prefecture", fields["municipality"].prefecture)
    elif "prefecture" not in fields:
        fields |= {"municipality": MunicipalityFactory(), "prefecture": PrefectureFactory()}
    capabilities, certifications = fields.pop("capabilities", ()), fields.pop("certifications", ())
    defaults = {
        "corporate_number": corporate_number(n),
        "name": f"能代試作{n}株式会社",
        "name_kana": f"ノシロシサク{n}",
    }
    firm = Firm.objects.create(**defaults | {"state": Firm.State.PUBLISHED, "employees": 30} | fields)
    firm.capabilities.set(capabilities)
    for certification in certifications:
        firm.firm_certifications.create(certification=certification, stated=certification.name)
    return firm


def ClaimFactory(**fields: Any) -> FirmClaim:
    user, firm = fields.pop("user", None) or UserFactory(), fields.pop("firm", None) or FirmFactory()
    defaults = {"due_on": add_working_days(timezone.localdate(), 5)}
    return FirmClaim.objects.create(user=user, firm=firm, **defaults | fields)


def ProjectFactory(**fields: Any) -> AnchorProject:
    n = number()
    sector, municipality = fields.pop("sector", None), fields.pop("municipality", None)
    fields |= {"sector": sector or SectorFactory(), "municipality": municipality or MunicipalityFactory()}
    defaults = {
        "code": f"project-{n}",
        "name": f"試作洋上風力{n}",
        "name_en": f"Trial wind farm {n}",
        "organisation": "試作組合",
    }
    return AnchorProject.objects.create(**defaults | {"kind": AnchorProject.Kind.WIND_DEVELOPER} | fields)


def NeedFactory(**fields: Any) -> Need:
    n = number()
    fields["project"] = fields.get("project") or ProjectFactory()
    defaults = {
        "title": f"タワー内部架台{n}",
        "text": "タワー内部架台の溶接と塗装",
        "visibility": Need.Visibility.PUBLIC,
    }
    return Need.objects.create(**defaults | {"state": Need.State.OPEN} | fields)


def CriterionFactory(need: Need, **fields: Any) -> Criterion:
    prefectures = fields.pop("prefectures", ())
    defaults = {"kind": Criterion.Kind.EMPLOYEES, "number": 10}
    criterion = Criterion.objects.create(need=need, **(fields if "kind" in fields else defaults | fields))
    criterion.prefectures.set(prefectures)
    return criterion


# ---- proposals ------------------------------------------------------------------------------------------------------
def check(
    kind: str = "employees", outcome: str = "pass", *, hard: bool = True, asked: Any = 10, found: Any = 30
) -> Any:
    return {"kind": kind, "hard": hard, "asked": asked, "found": found, "outcome": outcome}


def ProposalFactory(**fields: Any) -> Proposal:
    fields["need"] = fields.get("need") or NeedFactory()
    fields["firm"] = fields.get("firm") or FirmFactory()
    defaults = {
        "score": 0.42,
        "rank": 1,
        "verdict": Proposal.Verdict.PASS,
        "terms": [["溶接", 0.3], ["塗装", 0.12]],
        "checks": [check()],
        "due_on": add_working_days(timezone.localdate(), 5),
    }
    proposal: Proposal = Proposal.objects.create(**defaults | fields)
    return proposal


def ConsentFactory(proposal: Proposal, **fields: Any) -> DisclosureConsent:
    """The proposal's firm lets the buyer read everything, unless `fields` says less."""
    defaults: dict[str, Any] = {
        "organisation": proposal.need.project.organisation,
        "told": proposal.need.project.organisation,
        "fields": list(DISCLOSABLE),
        "until": a_year_from_now(),
    }
    fields["by"] = fields.get("by") or UserFactory()
    return DisclosureConsent.objects.create(firm=proposal.firm, need=proposal.need, **defaults | fields)


def InquiryFactory(**fields: Any) -> Inquiry:
    fields["need"] = fields.get("need") or NeedFactory()
    fields["firm"] = fields.get("firm") or FirmFactory()
    fields["asked_by"] = fields.get("asked_by") or CoordinatorFactory()
    defaults = {
        "message": "対応できますか。",
        "recipient": fields["need"].project.organisation,
        "answer_by": add_working_days(timezone.localdate(), 10),
    }
    inquiry: Inquiry = Inquiry.objects.create(**defaults | fields)
    return inquiry


def TaskFactory(**fields: Any) -> Task:
    """A task of an office; with a proposal it hangs on that and its firm and need."""
    if proposal := fields.get("proposal"):
        fields |= {"firm": proposal.firm, "need": proposal.need}
    defaults: dict[str, Any] = {"title": "EXC3 取得", "due_on": add_working_days(timezone.localdate(), 10)}
    fields["made_by"] = fields.get("made_by") or CoordinatorFactory()
    task: Task = Task.objects.create(**defaults | fields)
    return task
