"""A postal code fills in the place, in the form and from files, whatever way it is typed."""

import csv

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from registry import imports, postal
from registry.intake.catalogue import DATA
from registry.models import Firm
from tests import factories as make

OGA = "0100511"


@pytest.mark.parametrize("typed", ["0100511", "010-0511", "〒０１０－０５１１", " 010 0511 ", "010ー0511"])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert postal.clean(typed) == OGA


@pytest.mark.parametrize("typed", ["010-051", "01005111", "秋田", "٠١٠٠٥١١", "0" * 5000])
def test_what_is_no_code_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(ValidationError, match="010-0951"):
        postal.clean(typed)


def test_every_shipped_code_leads_to_a_municipality_of_the_catalogue() -> None:
    with (DATA / "municipalities.csv").open(encoding="utf-8") as file:
        known = {row["code"] for row in csv.DictReader(file)}
    places = postal._places()
    assert {place.municipality for place in places.values()} <= known
    assert len(places) > 19_000
    assert postal.look_up(OGA) == postal.Place("05206", "船川港船川")
    assert postal.look_up("1000001") is None


@pytest.fixture
def office(db: None) -> Client:
    make.MunicipalityFactory("05206")
    return make.sign_in(make.CoordinatorFactory("05"))


def test_the_button_fills_in_the_place_saves_nothing_and_keeps_what_was_typed(office: Client) -> None:
    firm = make.FirmFactory(name="男鹿製缶㈱")
    url = reverse("registry:firm-section", args=[firm.pk, "basics"])
    sent = {"name": "男鹿製缶株式会社", "postal_code": "〒010-0511", "employees": "四十", "fill": "address"}
    page = office.post(url, sent)
    form = page.context["form"]
    assert page.status_code == 200
    assert [str(form[name].value()) for name in ("prefecture", "municipality", "address", "name", "employees")] == [
        *("05", "05206", "船川港船川", "男鹿製缶株式会社", "四十"),
    ]
    firm.refresh_from_db()
    assert (firm.name, firm.postal_code) == ("男鹿製缶㈱", "")
    kept = office.post(url, sent | {"address": "本町 1-2"}).context["form"]
    assert kept["address"].value() == "本町 1-2"


@pytest.mark.parametrize(("typed", "told"), [("1000001", "not in our data"), ("12", "seven digits")])
def test_a_code_that_fills_in_nothing_says_so(office: Client, typed: str, told: str) -> None:
    firm = make.FirmFactory()
    url = reverse("registry:firm-section", args=[firm.pk, "basics"])
    assert told in office.post(url, {"postal_code": typed, "fill": "address"}).content.decode()


@pytest.mark.django_db
def test_a_firm_registers_with_a_code_that_filled_in_its_place() -> None:
    make.MunicipalityFactory("05206")
    browser = make.sign_in(make.UserFactory())
    browser.post(reverse("registry:register"), {"none": "on"})
    sent = {"name": "男鹿製缶", "name_kana": "オガセイカン", "postal_code": "010-0511"}
    form = browser.post(reverse("registry:register-firm"), sent | {"fill": "address"}).context["form"]
    assert not Firm.objects.exists()
    filled = {name: form[name].value() or "" for name in form.fields} | {"address": "船川港船川 1-1"}
    assert browser.post(reverse("registry:register-firm"), filled).status_code == 302
    firm = Firm.objects.get()
    assert (firm.postal_code, firm.municipality_id, firm.postal_text) == (OGA, "05206", "〒010-0511")


@pytest.mark.django_db
def test_a_file_brings_codes_as_text_and_as_a_number_without_its_zero() -> None:
    make.MunicipalityFactory("05206")
    by = make.BureauFactory()
    table = "企業名,都道府県,郵便番号\n男鹿,秋田県,〒010-0511\n能代,秋田県,01-0511\n"
    batch = imports.upload("a.csv", table.encode(), by=by, source="x")
    imports.confirm(batch, by, batch.mapping)
    imports.work()
    assert {row.number: row.values.get("postal_code") for row in batch.rows.filter(state="new")} == {2: OGA}
    [refused] = batch.rows.filter(state="refused")
    assert refused.remarks[0][0] == "postal_code"
