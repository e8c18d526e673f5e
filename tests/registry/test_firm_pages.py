"""A firm's profile: who sees what of it, who changes it, and what the form refuses."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from registry.models import Firm, User
from tests.factories import (
    BureauFactory,
    CapabilityFactory,
    CertificationFactory,
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    MunicipalityFactory,
    PrefectureFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]
SignIn = Callable[[User], Client]


def values(page: Any, **changes: Any) -> dict[str, Any]:
    """What a browser would send back from the page of a section, with changes."""
    sent: dict[str, Any] = {}
    rows = page.context["rows"]
    for form in (page.context["form"], *(rows or ())):
        for field in form:
            if not field.field.disabled:
                sent[field.html_name] = "" if field.value() is None else field.value()
    if rows is not None:
        sent |= {field.html_name: field.value() for field in rows.management_form}
    return sent | changes


def section(firm: Firm, name: str) -> str:
    return f"/firms/{firm.pk}/edit/{name}/"


def test_the_profile_shows_source_sample_badge_and_expired_certificates(sign_in: SignIn) -> None:
    firm = FirmFactory(is_sample=True, source="県の企業一覧", as_of=date(2026, 5, 1))
    firm.firm_certifications.create(stated="ISO 3834-2", valid_until=timezone.localdate() - timedelta(days=1))
    firm.firm_certifications.create(stated="ISO 9001", valid_until=timezone.localdate())
    page = sign_in(CoordinatorFactory()).get(f"/firms/{firm.pk}/").content.decode()
    assert "県の企業一覧" in page
    assert "2026-05-01" in page
    assert "badge-sample" in page
    assert page.count("badge-error") == 1


def test_contacts_are_for_the_firm_and_its_offices(sign_in: SignIn) -> None:
    firm = FirmFactory(contact_email="kokoro@example.jp")
    see = [FirmUserFactory(firm), CoordinatorFactory("05"), BureauFactory()]
    for user in see:
        assert b"kokoro@example.jp" in sign_in(user).get(f"/firms/{firm.pk}/").content
    administrator = sign_in(UserFactory("admin"))  # type: ignore[arg-type]
    assert b"kokoro@example.jp" not in administrator.get(f"/firms/{firm.pk}/").content
    for user in (CoordinatorFactory("02"), FirmUserFactory(FirmFactory())):
        assert sign_in(user).get(f"/firms/{firm.pk}/").status_code == 404


def test_each_section_is_saved_by_itself_with_its_rows(sign_in: SignIn) -> None:
    firm, iso, welding = FirmFactory(), CertificationFactory(name="ISO 9001"), CapabilityFactory()
    old = firm.equipment.create(name="旧クレーン")
    client = sign_in(FirmUserFactory(firm))
    changes: dict[str, dict[str, Any]] = {
        "basics": {"capital_jpy": "１０，０００，０００"},
        "capabilities": {"capabilities": [welding.pk]},
        "text": {"capability_text": "厚板の溶接"},
        "certificates": {
            "rows-0-stated": "ＩＳＯ９００１",
            "rows-0-issuer": "日本検査",
            "rows-0-valid_from": "2024-04-01",
            "rows-0-valid_until": "2027年3月31日",
        },
        "equipment": {
            "rows-0-DELETE": "on",
            "rows-1-name": "クレーン",
            "rows-1-maker": "試作重機",
            "rows-1-count": "2",
            "rows-1-size": "３０",
            "rows-1-unit": "t",
        },
    }
    for name, change in changes.items():
        path = section(firm, name)
        assert client.post(path, values(client.get(path), **change))["Location"] == f"/firms/{firm.pk}/edit/", name
    firm.refresh_from_db()
    assert (firm.capability_text, firm.capital_jpy, list(firm.capabilities.all())) == (
        "厚板の溶接",
        10_000_000,
        [welding],
    )
    certificate = firm.firm_certifications.get()
    assert (certificate.certification, certificate.issuer, certificate.valid_until) == (
        iso,
        "日本検査",
        date(2027, 3, 31),
    )
    assert [(machine.name, machine.size_text) for machine in firm.equipment.all()] == [("クレーン", "30 t")]
    assert old.pk not in firm.equipment.values_list("pk", flat=True)


def test_a_row_that_contradicts_itself_is_explained_and_kept(sign_in: SignIn) -> None:
    firm = FirmFactory()
    client = sign_in(FirmUserFactory(firm))
    wrong: dict[str, dict[str, Any]] = {
        "equipment": {"rows-0-name": "クレーン", "rows-0-size": "30"},
        "certificates": {
            "rows-0-stated": "ISO 9001",
            "rows-0-valid_from": "2027-01-01",
            "rows-0-valid_until": "2026-01-01",
        },
    }
    for name, change in wrong.items():
        path = section(firm, name)
        answer = client.post(path, values(client.get(path), **change))
        assert (answer.status_code, answer.context["rows"].total_error_count()) == (422, 1), name
        assert next(iter(change.values())) in answer.content.decode()
    assert not firm.equipment.exists()


def test_who_saves_second_is_told_and_nothing_is_lost(sign_in: SignIn) -> None:
    firm = FirmFactory(address="一丁目")
    mine, theirs = sign_in(FirmUserFactory(firm)), sign_in(CoordinatorFactory())
    path = section(firm, "basics")
    first, second = values(mine.get(path), address="二丁目"), values(theirs.get(path), name_kana="ノシロ")
    assert mine.post(path, first).status_code == 302
    refused = theirs.post(path, second)
    assert refused.status_code == 409
    assert refused.context["form"]["name_kana"].value() == "ノシロ"
    firm.refresh_from_db()
    assert (firm.address, firm.name_kana != "ノシロ") == ("二丁目", True)
    for version in ("yesterday", "2026-01-01T00:00:00", "0001-01-01T00:00:00+09:00", "9999-12-31T23:59:59-09:00"):
        assert theirs.post(path, second | {"version": version}).status_code == 409


def test_rows_of_another_firm_cannot_be_touched(sign_in: SignIn) -> None:
    firm, other = FirmFactory(), FirmFactory()
    foreign = other.equipment.create(name="他社のクレーン")
    mine = firm.equipment.create(name="当社のクレーン")
    client = sign_in(FirmUserFactory(firm))
    sent = values(client.get(section(firm, "equipment")))
    for change in (
        {"rows-0-id": foreign.pk, "rows-0-name": "奪った"},
        {"rows-0-id": foreign.pk, "rows-0-DELETE": "on"},
    ):
        assert client.post(section(firm, "equipment"), sent | change).status_code == 422
    foreign.refresh_from_db()
    mine.refresh_from_db()
    assert (foreign.name, foreign.firm) == ("他社のクレーン", other)
    assert client.post(section(other, "equipment"), sent).status_code == 404


def test_only_fields_of_the_form_are_written(sign_in: SignIn) -> None:
    firm = FirmFactory(state="draft")
    client = sign_in(FirmUserFactory(firm))
    names = [field.name for field in Firm._meta.fields]
    path = section(firm, "basics")
    before: dict[str, Any] = dict(Firm.objects.values().get(pk=firm.pk))
    sent = dict.fromkeys(names, "1") | values(client.get(path))
    client.post(path, sent)
    after: dict[str, Any] = dict(Firm.objects.values().get(pk=firm.pk))
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"updated_at"}


def test_a_coordinator_does_not_push_a_firm_out_of_the_scope(sign_in: SignIn) -> None:
    firm, aomori = FirmFactory(), MunicipalityFactory("02201")
    client = sign_in(CoordinatorFactory("05"))
    path = section(firm, "basics")
    answer = client.post(path, values(client.get(path), prefecture="02", municipality=aomori.pk))
    assert answer.context["form"].errors["prefecture"]


def test_the_municipality_must_lie_in_the_prefecture(sign_in: SignIn) -> None:
    firm = FirmFactory()
    PrefectureFactory("02")
    client = sign_in(FirmUserFactory(firm))
    path = section(firm, "basics")
    assert client.post(path, values(client.get(path), prefecture="02")).context["form"].errors["municipality"]


def test_a_firm_does_not_change_its_own_number(sign_in: SignIn) -> None:
    firm = FirmFactory()
    client = sign_in(FirmUserFactory(firm))
    path = section(firm, "basics")
    client.post(path, values(client.get(path), corporate_number=FirmFactory.__name__))
    assert Firm.objects.get(pk=firm.pk).corporate_number == firm.corporate_number


def test_an_office_cannot_give_a_firm_the_number_of_another(sign_in: SignIn) -> None:
    firm, other = FirmFactory(corporate_number=None), FirmFactory()
    client = sign_in(CoordinatorFactory())
    path = section(firm, "basics")
    answer = client.post(path, values(client.get(path), corporate_number=other.corporate_number))
    assert answer.status_code in {409, 422}
    assert Firm.objects.get(pk=firm.pk).corporate_number is None


FIELDS = {
    "basics": ["name", "name_kana", "address", "site", "municipality", "employees", "version"],
    "contact": ["contact_email"],
    "text": ["capability_text"],
    "products": ["products"],
    "capabilities": ["capabilities"],
    "certificates": ["rows-0-stated", "rows-0-id"],
    "equipment": ["rows-0-name", "rows-0-size", "rows-0-unit"],
}
ODD = {
    "nul": "a\x00b",
    "long": "あ" * 5000,
    "marks": "a" + "\u0300" * 50_000,
    "bidi": "\u202egnp.exe",
    "tags": "<script>window.__x=1</script>",
    "formula": "=1+1",
    "zero width": "能\u200b代",
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(("name", "field"), [(name, field) for name, fields in FIELDS.items() for field in fields])
def test_odd_text_is_stored_whole_or_refused_in_time(sign_in: SignIn, name: str, field: str, odd: str) -> None:
    firm = FirmFactory()
    client = sign_in(FirmUserFactory(firm))
    path = section(firm, name)
    sent = values(client.get(path), **{field: ODD[odd]})
    started = timezone.now()
    assert client.post(path, sent).status_code in {302, 409, 422}
    assert (timezone.now() - started).total_seconds() < 2
    page = client.get(f"/firms/{firm.pk}/")
    assert page.status_code == 200
    assert b"<script>window" not in page.content


def test_half_a_surrogate_pair_is_a_form_error(sign_in: SignIn) -> None:
    firm = FirmFactory()
    client = sign_in(FirmUserFactory(firm))
    path = section(firm, "basics")
    sent = values(client.get(path))
    boundary = "b"
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (sent | {"address": "\\ud800", "consortia": "\\udfff"}).items()
        if not isinstance(value, list)
    )
    escaped = (parts + f"--{boundary}--\r\n").encode("ascii", "backslashreplace")
    kind = f"multipart/form-data; boundary={boundary}; charset=unicode_escape"
    assert client.post(path, escaped, content_type=kind).status_code in {400, 422}
    assert Firm.objects.get(pk=firm.pk).address == ""


def test_archiving_and_publishing_are_steps(sign_in: SignIn) -> None:
    firm = FirmFactory(capability_text="溶接")
    client = sign_in(FirmUserFactory(firm))
    for step, state in (("archive", "archived"), ("publish", "published")):
        assert client.post(f"/firms/{firm.pk}/{step}/").status_code == 302
        firm.refresh_from_db()
        assert firm.state == state
    assert client.post(f"/firms/{firm.pk}/publish/").status_code == 409
    assert client.get(f"/firms/{firm.pk}/archive/").status_code == 405
    assert client.post(f"/firms/{firm.pk}/delete/").status_code == 404
