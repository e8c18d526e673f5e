"""What each role is told to do first, the menu, the admin site and the API's description."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from registry.home import PANELS, Panel
from registry.models import AnchorProject, Need, Role, User
from tests.factories import (
    PASSWORD,
    AnchorFactory,
    ClaimFactory,
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    NeedFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]
MODELS = ["firm", "need", "anchorproject", "office", "capability", "certification", "sector", "place", "prefecture"]
MODELS += ["termentry", "municipality", "industry", "firmmembership", "projectmembership", "user"]
SignIn = Callable[[User], Client]


def links(client: Client) -> str:
    return client.get("/").content.decode()


def test_each_role_is_told_what_to_do_next(sign_in: SignIn) -> None:
    project = ProjectFactory()
    assert 'href="/register/"' in links(sign_in(UserFactory()))
    firm = FirmFactory(confirmed_on=timezone.localdate())
    assert f'href="/firms/{firm.pk}/edit/"' in links(sign_in(FirmUserFactory(firm)))
    assert 'href="/needs/new/"' in links(sign_in(AnchorFactory(project)))
    assert 'href="/admin/"' in links(sign_in(UserFactory(Role.ADMIN)))


def test_an_office_sees_what_waits_in_its_scope(sign_in: SignIn) -> None:
    ClaimFactory()
    NeedFactory(state="review")
    for prefecture, waiting in (("05", {"/claims/": 1, "/needs/?state=review": 1}), ("02", {"/claims/": 0})):
        panels = sign_in(CoordinatorFactory(prefecture)).get("/").context["panels"]
        counts = {item.url: item.count for panel in panels for item in panel.items}
        assert counts | waiting == counts, prefecture


def test_apps_above_add_their_panels(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    more = [lambda request, since: Panel("今日の候補"), lambda request, since: None]
    monkeypatch.setattr("registry.home.PANELS", [*PANELS, *more])
    assert "今日の候補" in links(sign_in(CoordinatorFactory()))


def test_the_menu_holds_only_what_the_role_may_open(sign_in: SignIn) -> None:
    for role in Role:
        client = sign_in(UserFactory(role))
        for entry in client.get("/").context["navigation"]:
            assert client.get(entry.url).status_code == 200, (role, entry.url)
    assert 'href="/claims/"' not in links(sign_in(UserFactory()))


def test_the_menu_marks_where_one_is(sign_in: SignIn) -> None:
    navigation = sign_in(CoordinatorFactory()).get("/firms/").context["navigation"]
    assert [entry.url for entry in navigation if entry.current] == ["/firms/"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_the_admin_site_is_the_administrators_alone(sign_in: SignIn, role: Role) -> None:
    user = UserFactory(role, is_superuser=True)
    assert sign_in(user).get("/admin/registry/user/").status_code == 302


def test_the_administrator_looks_after_people_without_touching_hashes(sign_in: SignIn) -> None:
    client, user = sign_in(UserFactory(Role.ADMIN)), UserFactory()
    path = f"/admin/registry/user/{user.pk}/change/"
    page = client.get(path).content.decode()
    assert user.password not in page
    sent = {
        "email": user.email,
        "name": "改名",
        "role": "coordinator",
        "is_active": "on",
        "password": "x",
        "is_superuser": "on",
    }
    assert client.post(path, sent).status_code == 302
    user.refresh_from_db()
    assert (user.name, user.role, user.is_superuser) == ("改名", "coordinator", False)
    assert user.check_password(PASSWORD)
    assert client.post(f"/admin/registry/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/registry/user/?password__startswith=a").status_code in {302, 400}
    new = {
        "email": "neu@example.jp",
        "role": "bureau",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert client.post("/admin/registry/user/add/", new).status_code == 302


@pytest.mark.parametrize("model", MODELS)
def test_every_admin_page_opens(sign_in: SignIn, model: str) -> None:
    NeedFactory()
    FirmUserFactory(FirmFactory())
    client = sign_in(UserFactory(Role.ADMIN))
    assert client.get(f"/admin/registry/{model}/").status_code == 200
    assert client.get(f"/admin/registry/{model}/add/").status_code == (403 if model in {"firm", "need"} else 200)


def test_a_need_under_nda_is_hidden_from_the_admin_site_too(sign_in: SignIn) -> None:
    need = NeedFactory(visibility=Need.Visibility.NDA, title="秘密の部品")
    client = sign_in(UserFactory(Role.ADMIN))
    assert "秘密の部品" not in client.get("/admin/registry/need/").content.decode()
    assert client.get(f"/admin/registry/need/{need.pk}/change/").status_code == 302


@pytest.mark.parametrize("lookup", ["contact_email__startswith=a", "contact_name=a", "contact_phone__regex=."])
def test_the_admin_site_is_no_oracle_for_contacts(sign_in: SignIn, lookup: str) -> None:
    FirmFactory(contact_email="a@example.jp", contact_name="a", contact_phone="1")
    assert sign_in(UserFactory(Role.ADMIN)).get(f"/admin/registry/firm/?{lookup}").status_code == 400


def test_the_administrator_takes_a_lost_second_factor_away_without_seeing_it(sign_in: SignIn) -> None:
    kept = Authenticator.objects.create(user=FirmUserFactory(), type="totp", data={"secret": "JBSWY3DP"})
    client = sign_in(UserFactory(Role.ADMIN))
    path = f"/admin/mfa/authenticator/{kept.pk}"
    for page in ("/admin/mfa/authenticator/", f"{path}/change/", f"{path}/delete/", f"{path}/history/"):
        answer = client.get(page)
        assert (answer.status_code, b"JBSWY3DP" in answer.content) == (200, False)
    assert client.get("/admin/mfa/authenticator/?data__secret__startswith=J").status_code in {302, 400}
    assert client.get("/admin/mfa/authenticator/add/").status_code == 403
    assert client.post(f"{path}/delete/", {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.exists()


def test_a_new_state_of_a_project_leaves_a_line_in_its_history(sign_in: SignIn) -> None:
    project = ProjectFactory()
    client = sign_in(UserFactory(Role.ADMIN, name="管理 花子"))
    path = f"/admin/registry/anchorproject/{project.pk}/change/"
    form = client.get(path).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    sent |= {"state": AnchorProject.State.RETENDER, "facts": "[]"}
    sent |= {f"state_changes-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")}
    assert client.post(path, sent).status_code == 302
    assert project.state_changes.get().state == "retender"
    for reader, by_whom in ((CoordinatorFactory(), True), (FirmUserFactory(), False)):
        page = sign_in(reader).get(project.get_absolute_url()).content.decode()
        assert ('data-state="retender"' in page, "管理 花子" in page) == (True, by_whom)


def test_the_api_is_described_without_gaps(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", f"{tmp_path}/schema.yml")
    assert "Warning" not in capsys.readouterr().err


def test_the_page_of_the_api_needs_nothing_from_outside(sign_in: SignIn) -> None:
    browser = sign_in(UserFactory())
    answer = browser.get("/api/docs/")
    init = re.findall(r'src="([?][^"]+)"', answer.text)[0]
    script = browser.get(f"/api/docs/{init}")
    assert (script.status_code, script["Content-Type"]) == (200, "application/javascript")
    assert b"://" not in answer.content.replace(b"http://testserver", b"")
    assert "script-src" not in answer["Content-Security-Policy"]
    assert "unsafe-inline" not in sign_in(UserFactory()).get("/")["Content-Security-Policy"]


def test_the_api_answers_with_the_columns_of_its_description(sign_in: SignIn) -> None:
    firm = FirmFactory()
    client = sign_in(CoordinatorFactory())
    schema = client.get("/api/schema/?format=json").json()["components"]["schemas"]
    assert set(client.get(f"/api/firms/{firm.pk}/").json()) == set(schema["FirmDetail"]["properties"])
    assert set(client.get("/api/projects/").json()) == set(schema["PaginatedProjectRowList"]["properties"])


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_api_neither_replaces_nor_deletes(sign_in: SignIn, method: str) -> None:
    firm = FirmFactory()
    answer = getattr(sign_in(CoordinatorFactory()), method)(
        f"/api/firms/{firm.pk}/", {}, content_type="application/json"
    )
    assert answer.status_code == 405


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30, "9" * 5000, "x", "-1", "1.5"])
@pytest.mark.parametrize("path", ["/firms/{}/", "/needs/{}/", "/projects/{}/", "/api/firms/{}/", "/firms/{}/edit/"])
def test_an_address_of_nothing_is_not_found(sign_in: SignIn, path: str, pk: str) -> None:
    assert sign_in(CoordinatorFactory()).get(path.format(pk)).status_code == 404
