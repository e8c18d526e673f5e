"""A profile in sections: what is missing and why it matters, what others see, what was changed, is it still right."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from registry import confirmation, wording
from registry.completeness import completeness
from registry.forms.sections import SECTIONS
from registry.models import Firm, FirmEvent, Notice, User
from tests.factories import (
    CapabilityFactory,
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    MunicipalityFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]
SignIn = Callable[[User], Client]
FULL = (
    "洋上風力タワー内部架台の製缶溶接。SS400、SM490の板厚60mmまで、±0.5mm、月8基。クレーン30t、溶接施工管理技術者2名。"
    * 2
)


def post(client: Client, firm: Firm, section: str, **values: Any) -> Any:
    path = f"/firms/{firm.pk}/edit/{section}/"
    version = client.get(path).context["form"]["version"].value()
    return client.post(path, values | {"version": version})


def test_completeness_names_what_costs_most_first_and_ends_at_a_hundred() -> None:
    firm = FirmFactory(municipality=MunicipalityFactory(), employees=None)
    empty = completeness(firm)
    assert [gap.section for gap in empty.gaps[:4]] == ["text", "capabilities", "certificates", "equipment"]
    assert empty.percent == 100 - sum(gap.points for gap in empty.gaps) == 8
    assert {gap.section for gap in empty.gaps} <= set(SECTIONS)
    firm.capability_text, firm.summary_en, firm.products, firm.contact_phone = FULL, "Welding", ["架台"], "0185-00-0000"
    firm.employees, firm.monthly_capacity, firm.lead_time_days = 46, 8, 60
    firm.capabilities.add(CapabilityFactory())
    machine = firm.equipment.create(name="クレーン")
    certificate = firm.firm_certifications.create(stated="ISO 3834-2")
    firm.photos.create(alt="工場", width=1, height=1)
    assert [(gap.section, gap.points) for gap in completeness(firm).gaps] == [("certificates", 5), ("equipment", 4)]
    certificate.valid_until, machine.size, machine.unit = timezone.localdate(), 30, "t"
    certificate.save()
    machine.save()
    assert completeness(firm).percent == 100


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (FULL, {"process", "material", "size", "tolerance", "lot"}),
        ("ｱﾙﾐの切削", {"process", "material"}),
        (
            "We weld SUS304 up to 60 mm, ±0.1, batches from one piece",
            {"process", "material", "size", "tolerance", "lot"},
        ),
        ("Ra 0.4、Φ120", {"tolerance", "size"}),
        ("精度5μm", {"tolerance"}),
        (",.5mm, 1,200 個", {"size", "lot"}),
        ("9" * 4000 + "1," * 2000, set()),  # each digit is read once: else this takes seconds
        ("まじめな会社です", set()),
        ("", set()),
    ],
)
def test_the_text_is_read_for_what_buyers_look_for(text: str, kinds: set[str]) -> None:
    assert wording.named(text) == kinds


def test_the_hints_are_the_same_while_writing_and_after_saving(sign_in: SignIn) -> None:
    firm = FirmFactory(capability_text="アルミの切削")
    client = sign_in(FirmUserFactory(firm))
    live = client.post("/firms/wording/", {"capability_text": "アルミの切削"})
    page = client.get(f"/firms/{firm.pk}/edit/text/")
    assert [there for *_, there in live.context["wording"]] == [True, True, False, False, False]
    assert page.context["wording"] == live.context["wording"]
    assert client.post("/firms/wording/", {"capability_text": "\x00" + "ア" * 100_000}).status_code == 200


def test_capabilities_are_found_without_a_script_and_a_tick_is_not_lost(sign_in: SignIn) -> None:
    welding, milling = CapabilityFactory(), CapabilityFactory("milling", name="フライス加工", name_en="Milling")
    firm = FirmFactory(capabilities=[welding])
    client = sign_in(FirmUserFactory(firm))
    for words in ("milling", "ﾌﾗｲｽ"):
        page = client.get(f"/firms/{firm.pk}/edit/capabilities/", {"q": words}).content.decode()
        assert 'value="milling"' in page
        assert 'value="welding" checked' in page
    assert 'value="milling"' not in client.get(f"/firms/{firm.pk}/edit/capabilities/", {"q": "塗装"}).content.decode()
    post(client, firm, "capabilities", capabilities=[welding.pk, milling.pk])
    assert firm.capabilities.count() == 2


def test_the_history_says_who_changed_what_and_quotes_no_contact(sign_in: SignIn) -> None:
    firm = FirmFactory(monthly_capacity=8, contact_email="mae@example.jp")
    sato = FirmUserFactory(firm, name="佐藤 花子")
    hers = sign_in(sato)
    post(hers, firm, "capacity", monthly_capacity="12")
    post(hers, firm, "contact", contact_email="ato@example.jp")
    post(hers, firm, "products")  # changes nothing, leaves no line
    assert list(FirmEvent.objects.values_list("kind", "changes", "by").order_by("pk")) == [
        ("change", [["monthly_capacity", "8", "12"]], sato.pk),
        ("change", [["contact_email", None, None]], sato.pk),
    ]
    page = sign_in(CoordinatorFactory()).get(f"/firms/{firm.pk}/history/").content.decode()
    assert "佐藤 花子" in page
    assert "<del" in page
    assert "mae@example.jp" not in page
    assert "ato@example.jp" not in page


def test_a_firm_sees_what_others_see(sign_in: SignIn) -> None:
    firm = FirmFactory(contact_name="担当 一郎", address="一丁目", summary_en="Welding", monthly_capacity=8)
    page = sign_in(FirmUserFactory(firm)).get(f"/firms/{firm.pk}/preview/")
    [buyer] = page.context["views"]
    shown = " ".join(value for _, value in buyer.facts)
    assert "Welding" in shown
    assert str(firm.corporate_number) in shown
    assert "担当 一郎" in shown  # as far as the firm consents
    assert "一丁目" not in shown
    assert "担当 一郎" in page.content.decode()  # what the offices see


def test_once_a_year_a_firm_is_asked_and_confirms(sign_in: SignIn) -> None:
    long_ago = timezone.localdate() - timedelta(days=366)
    firm, fresh = FirmFactory(confirmed_on=long_ago), FirmFactory(confirmed_on=timezone.localdate())
    FirmFactory()  # nobody speaks for it, so nobody is asked
    sato = FirmUserFactory(firm)
    FirmUserFactory(fresh)
    assert (confirmation.ask(), confirmation.ask()) == (1, 0)
    assert Notice.objects.get().person == sato
    office, client = sign_in(CoordinatorFactory()), sign_in(sato)
    unconfirmed = "/firms/?unconfirmed=true"
    assert firm in office.get(unconfirmed).context["page_obj"].object_list
    assert fresh not in office.get(unconfirmed).context["page_obj"].object_list
    assert "正しい" in client.get("/").content.decode()
    for _ in range(2):
        assert client.post(f"/firms/{firm.pk}/confirm/").status_code == 302
    assert FirmEvent.objects.get().kind == "confirm"
    assert firm not in office.get(unconfirmed).context["page_obj"].object_list
    assert timezone.localdate().isoformat() in client.get(f"/firms/{firm.pk}/").content.decode()


def test_pages_of_the_profile_ask_the_database_a_bounded_number_of_times(
    sign_in: SignIn, query_counter: Callable[[], Any]
) -> None:
    def cost(rows: int) -> list[int]:
        firm = FirmFactory(capability_text=FULL)
        for number in range(rows):
            firm.equipment.create(name=f"機械{number}")
            firm.firm_certifications.create(stated=f"認証{number}")
            FirmEvent.objects.create(firm=firm, kind="change", changes=[["name", "a", "b"]])
        client, office = sign_in(FirmUserFactory(firm)), sign_in(CoordinatorFactory())
        paths = ["/", *(f"/firms/{firm.pk}/{page}" for page in ("", "edit/", "edit/equipment/", "preview/"))]
        counts = []
        for browser, path in [*((client, path) for path in paths), (office, f"/firms/{firm.pk}/history/")]:
            with query_counter() as queries:
                assert browser.get(path).status_code == 200
            counts.append(len(queries))
        return counts

    few, many = cost(1), cost(9)
    assert few == many
    assert max(many) <= 25, many
