"""The export of a list from the command line: the page's own view, in the name and scope of a person."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from registry.access import Role
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_a_person_gets_what_the_page_gives_them(tmp_path: Path) -> None:
    akita = make.CoordinatorFactory("05")
    make.FirmFactory(name="能代の会社", employees=46)
    make.FirmFactory(name="小さな会社", employees=3)
    make.FirmFactory(name="青森の会社", municipality=make.MunicipalityFactory("02201"))
    file = tmp_path / "firms.csv"
    call_command("export", "firms", str(file), by=akita.email)
    assert file.read_bytes() == b"".join(
        make.sign_in(akita).get("/firms/export.csv", headers={"accept-language": "ja"})
    )
    assert "青森の会社" not in file.read_text()
    call_command(
        *f"export firms {file} q=能代の --by {akita.email} --language en".split()
    )  # as docs/operations.md says
    assert "能代の会社" in file.read_text()
    assert "小さな会社" not in file.read_text()
    call_command("export", "needs", str(tmp_path / "needs.xlsx"), by=akita.email)
    assert (tmp_path / "needs.xlsx").read_bytes().startswith(b"PK")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["firms.csv", "needs.xlsx"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["firms", "a.pdf"], "ending"),
        (["firms", "a.csv", "nonsense=1"], "nonsense"),
        (["firms", "a.csv", "q"], "NAME=VALUE"),
        (["firms", "missing/a.csv"], "missing"),
    ],
)
def test_what_is_wrong_is_said_and_no_file_is_left(words: list[str], said: str, tmp_path: Path) -> None:
    by = make.BureauFactory()
    with pytest.raises(CommandError, match=said):
        call_command("export", words[0], str(tmp_path / words[1]), *words[2:], by=by.email)
    assert list(tmp_path.iterdir()) == []


def test_a_role_without_the_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="role"):
        call_command("export", "firms", str(tmp_path / "a.csv"), by=make.UserFactory(Role.FIRM).email)
    with pytest.raises(CommandError, match="no active"):
        call_command("export", "firms", str(tmp_path / "a.csv"), by="nobody@example.jp")
