"""Story 1: from a corporate number to a published profile, by claim or as a new firm."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from registry import notices, register
from registry.forms.sections import after
from registry.models import Firm, FirmClaim, User
from registry.steps import StepRefused
from registry.text import add_working_days
from tests.factories import (
    BureauFactory,
    CapabilityFactory,
    ClaimFactory,
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    MunicipalityFactory,
    UserFactory,
    corporate_number,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
NUMBER = "8999900000001"


def test_an_imported_row_is_claimed_approved_and_only_then_edited(sign_in: SignIn) -> None:
    firm = FirmFactory(name="能代臨海製缶㈱", corporate_number=NUMBER, contact_email="secret@example.jp")
    sato, kudo = UserFactory(name="佐藤"), CoordinatorFactory("05")
    hers, his = sign_in(sato), sign_in(kudo)

    offered = hers.post("/register/", {"corporate_number": "８９９９９-０００００-００１"}, follow=True)
    assert "能代臨海製缶㈱" in offered.content.decode()
    assert "secret@example.jp" not in offered.content.decode()
    hers.post(f"/register/claim/{firm.pk}/", {"message": "総務の佐藤です"})
    claim = FirmClaim.objects.get()
    assert (claim.state, claim.due_on) == ("pending", add_working_days(timezone.localdate(), 5))
    assert hers.get(f"/firms/{firm.pk}/edit/").status_code == 404
    assert "能代臨海製缶㈱" in hers.get("/").content.decode()

    assert "総務の佐藤です" in his.get("/claims/").content.decode()
    assert his.post(f"/claims/{claim.pk}/approve/").status_code == 302
    assert hers.get(f"/firms/{firm.pk}/edit/").status_code == 200


def test_a_second_claim_on_a_claimed_row_is_refused_with_a_reason(sign_in: SignIn) -> None:
    firm = FirmFactory(corporate_number=NUMBER)
    FirmUserFactory(firm)
    late = sign_in(UserFactory())
    late.post("/register/", {"corporate_number": NUMBER})
    answer = late.post(f"/register/claim/{firm.pk}/", {"message": ""})
    assert answer.status_code == 409
    assert answer.context["refusal"]
    assert not FirmClaim.objects.exists()


def test_of_two_waiting_claims_one_is_approved_and_the_other_told() -> None:
    firm, kudo = FirmFactory(), CoordinatorFactory()
    first, second = ClaimFactory(firm=firm), ClaimFactory(firm=firm)
    register.decide_claim("approve", second, by=kudo)
    first.refresh_from_db()
    assert first.state == "refused"
    with override("ja"):
        said = first.why, notices.text(first.user.notices.get())
        assert "別の方の申請が承認されたため" in said[0]
        assert "別の方の申請が承認されました" in said[1]
    with override("en"):
        assert first.why == "Another person's claim was approved."
        assert "another person's claim was approved" in notices.text(first.user.notices.get())
    assert firm.memberships.get().user == second.user
    with pytest.raises(StepRefused):
        register.decide_claim("approve", FirmClaim.objects.get(pk=first.pk), by=kudo)


def test_a_refusal_needs_a_reason_and_the_applicant_reads_it(sign_in: SignIn) -> None:
    claim = ClaimFactory()
    his, hers = sign_in(CoordinatorFactory()), sign_in(claim.user)
    assert his.post(f"/claims/{claim.pk}/refuse/", {"reason": " "}).status_code == 409
    his.post(f"/claims/{claim.pk}/refuse/", {"reason": "名刺を確認できません"})
    assert "名刺を確認できません" in hers.get("/").content.decode()
    assert his.post(f"/claims/{claim.pk}/approve/").status_code == 409


def test_claims_are_decided_by_offices_that_cover_the_firm(sign_in: SignIn) -> None:
    claim = ClaimFactory(firm=FirmFactory(municipality=MunicipalityFactory("02201")))
    akita = sign_in(CoordinatorFactory("05"))
    assert akita.post(f"/claims/{claim.pk}/approve/").status_code == 404
    assert claim.firm.name not in akita.get("/claims/").content.decode()
    assert sign_in(claim.user).post(f"/claims/{claim.pk}/approve/").status_code == 403
    for stranger in (CoordinatorFactory("05"), claim.user):
        with pytest.raises(StepRefused):
            register.decide_claim("approve", claim, by=stranger)
    assert sign_in(BureauFactory()).post(f"/claims/{claim.pk}/approve/").status_code == 302


def test_nobody_leafs_through_the_register_by_claiming(sign_in: SignIn) -> None:
    firm = FirmFactory()
    assert sign_in(UserFactory()).get(f"/register/claim/{firm.pk}/").status_code == 404


def test_the_database_holds_one_approved_claim_per_firm() -> None:
    claim = ClaimFactory(state="approved")
    with pytest.raises(IntegrityError), transaction.atomic():
        ClaimFactory(firm=claim.firm, state="approved")


@pytest.mark.parametrize("number", ["8.9999E+12", "8999900000002", "899990000000", "1" * 200, "８９９９９" * 20, "abc"])
def test_a_wrong_number_is_explained_beside_the_field(sign_in: SignIn, number: str) -> None:
    answer = sign_in(UserFactory()).post("/register/", {"corporate_number": number})
    assert answer.status_code == 422
    assert answer.context["form"].errors["corporate_number"]


def basics(**changes: Any) -> dict[str, Any]:
    place = MunicipalityFactory()
    return {"name": "新能代工業株式会社", "prefecture": place.prefecture_id, "municipality": place.pk} | changes


def test_a_new_firm_is_registered_in_sections_that_can_be_left_and_resumed(sign_in: SignIn) -> None:
    user, welding = UserFactory(), CapabilityFactory()
    client = sign_in(user)
    number = corporate_number()
    assert client.post("/register/", {"corporate_number": number})["Location"] == "/register/new/"
    first = client.post("/register/new/", basics(employees="４６"))["Location"]
    firm = Firm.objects.get()
    assert first == f"/firms/{firm.pk}/edit/capabilities/"
    assert (firm.state, firm.corporate_number, firm.employees) == ("draft", number, 46)

    later = sign_in(user)
    assert later.get("/register/new/")["Location"] == f"/firms/{firm.pk}/edit/"
    assert f"/firms/{firm.pk}/edit/" in later.get("/").content.decode()
    filled: dict[str, dict[str, Any]] = {
        "capabilities": {"capabilities": [welding.pk]},
        "products": {"products": "架台\n\nタンク"},
    }
    for name, values in filled.items():
        path = f"/firms/{firm.pk}/edit/{name}/"
        version = later.get(path).context["form"]["version"].value()
        answer = later.post(path, values | {"version": version, "next": "1"})
        assert answer["Location"] == f"/firms/{firm.pk}/edit/{after(name)}/"
    assert "新能代工業株式会社" in later.get(f"/firms/{firm.pk}/preview/").content.decode()
    assert later.post(f"/firms/{firm.pk}/publish/").status_code == 302
    firm.refresh_from_db()
    assert (firm.state, firm.products, list(firm.capabilities.all())) == ("published", ["架台", "タンク"], [welding])
    assert (firm.confirmed_on, [event.kind for event in firm.events.all()]) == (
        timezone.localdate(),
        ["publish", "change", "change", "register"],
    )
    assert register.why_not_claimable(user, firm)


def test_a_firm_without_number_with_the_name_of_another_is_asked_first(sign_in: SignIn) -> None:
    twin = FirmFactory(name="㈲男鹿　メッキ", corporate_number=None)
    client = sign_in(UserFactory())
    client.post("/register/", {"none": "on"})
    asked = client.post("/register/new/", basics(name="男鹿めっき有限会社"))
    assert (asked.status_code, asked.context["twins"]) == (422, [twin])
    assert client.get(f"/register/claim/{twin.pk}/").status_code == 200
    assert client.post("/register/new/", basics(name="男鹿めっき有限会社", another="yes")).status_code == 302
    assert Firm.objects.count() == 2


def test_a_number_registered_meanwhile_is_a_form_error(sign_in: SignIn) -> None:
    number = corporate_number()
    client = sign_in(UserFactory())
    client.post("/register/", {"corporate_number": number})
    FirmFactory(corporate_number=number, name="先に登録")
    answer = client.post("/register/new/", basics())
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors()
    assert Firm.objects.count() == 1


def test_nothing_is_published_that_says_nothing(sign_in: SignIn) -> None:
    firm = FirmFactory(state="draft", capability_text="")
    client = sign_in(FirmUserFactory(firm))
    assert client.post(f"/firms/{firm.pk}/publish/").status_code == 409
    firm.refresh_from_db()
    assert firm.state == "draft"


def test_registering_tells_whoever_wants_to_know(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr("registry.changes.on_change", [told.append])
    firm = FirmFactory(state="draft", capability_text="溶接")
    register.take("publish", firm, by=FirmUserFactory(firm))
    assert told == [firm]


def test_the_form_cannot_write_what_it_does_not_show(sign_in: SignIn) -> None:
    client = sign_in(UserFactory())
    client.post("/register/", {"none": "on"})
    client.post(
        "/register/new/", basics(state="published", is_sample="on", source="x", corporate_number=NUMBER, id="7")
    )
    firm = Firm.objects.get()
    assert (firm.state, firm.is_sample, firm.source, firm.corporate_number) == ("draft", False, "", None)
