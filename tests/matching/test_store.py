from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connections
from django.utils import timezone

from matching import store
from matching.engine import text
from matching.models import IndexBuild, Job
from registry.models import Certification, Firm
from tests.factories import CapabilityFactory, CertificationFactory, FirmFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_var", "firms"), pytest.mark.on_sqlite]


def files_of(build: IndexBuild) -> list[Path]:
    return sorted(path for path in store.folder_of(build).iterdir() if path.stat().st_size > 200)


def test_a_build_is_published_and_read_back(firms: list[Firm]) -> None:
    build = store.rebuild()
    current, index = store.current()
    assert current == build
    assert list(index.ids) == sorted(firm.pk for firm in firms)
    assert build.firms == 4
    assert not store.is_stale()
    assert store.current()[1] is index, "kept by the process"


def test_without_any_build_there_is_no_index() -> None:
    assert store.is_stale()
    with pytest.raises(store.IndexMissing, match="build_index"):
        store.current()


def test_a_register_without_firms_has_an_index_too() -> None:
    Firm.objects.update(state=Firm.State.DRAFT)
    build = store.rebuild()
    assert build.firms == 0
    assert store.current()[0] == build


CHANGES: dict[str, Callable[[], object]] = {
    "edited": lambda: Firm.objects.earliest("pk").save(),
    "withdrawn": lambda: Firm.objects.filter(pk=Firm.objects.earliest("pk").pk).update(state=Firm.State.ARCHIVED),
    "published": FirmFactory,
    "catalogue": lambda: CapabilityFactory(name="へら絞り", code="spinning"),
    "certificate run out": lambda: Firm.objects.earliest("pk").firm_certifications.create(
        certification=CertificationFactory(), stated="ISO 9001", valid_until=timezone.localdate() - timedelta(days=1)
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_would_change_the_index_makes_it_stale(change: str) -> None:
    store.rebuild()
    assert not store.is_stale()
    CHANGES[change]()
    assert store.is_stale()


def test_what_is_not_in_the_index_does_not_make_it_stale() -> None:
    store.rebuild()
    FirmFactory(state=Firm.State.DRAFT)
    Certification.objects.all().update(validity_months=12)
    assert not store.is_stale()


def test_another_version_of_the_code_makes_it_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    store.rebuild()
    monkeypatch.setattr(text, "VERSION", text.VERSION + 1)
    assert store.is_stale()
    with pytest.raises(store.IndexMissing, match="text version"):
        store.current()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "truncated": truncate,
    "empty": lambda path: path.write_bytes(b""),
    "one bit": flip,
    "deleted": lambda path: path.unlink(),
    "a foreign pickle": lambda path: path.write_bytes(b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x94"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_any_damaged_file_is_noticed_and_the_build_before_is_used(damage: str) -> None:
    before = store.rebuild()
    build = store.rebuild()
    for path in files_of(build):
        content = path.read_bytes()
        DAMAGES[damage](path)
        assert store.is_stale(), path.name
        assert store.current()[0] == before, path.name
        path.write_bytes(content)
    assert store.current()[0] == build


def test_files_of_another_build_are_not_taken_for_it() -> None:
    build = store.rebuild()
    FirmFactory()
    other = store.rebuild()
    for path in store.folder_of(other).iterdir():
        path.write_bytes((store.folder_of(build) / path.name).read_bytes())
    assert store.current()[0] == build


def test_old_builds_and_leftovers_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    builds = [store.rebuild() for _ in range(4)]
    left = store.folder_of(builds[0]).with_name("20260101-000000-dead.part")
    left.mkdir()
    builds.append(store.rebuild())
    kept = {path.name for path in left.parent.iterdir() if path.is_dir()}
    assert kept == {builds[-1].folder, builds[-2].folder, left.name}
    monkeypatch.setattr(store, "LEFTOVER", -1)
    store.rebuild()
    assert not left.exists()


def test_nothing_is_published_when_the_claim_fails() -> None:
    def refuse() -> None:
        raise LookupError

    with pytest.raises(LookupError), store.building():
        store.build(claim=refuse)
    assert IndexBuild.objects.count() == 0
    assert [path.name for path in store.folder_of(IndexBuild(folder="x")).parent.iterdir()] == ["lock"]


def test_status_tells_what_doctor_asks(firms: list[Firm]) -> None:
    Job.objects.create(kind=Job.Kind.INDEX)
    assert store.status()["problem"]
    build = store.rebuild()
    status = store.status()
    assert (status["used"], status["stale"], status["problem"], status["queued"]) == (build, False, "", 1)


@pytest.mark.django_db(transaction=True)
def test_two_rebuilds_at_once_leave_one_good_index() -> None:
    barrier, answers = Barrier(2, timeout=20), list[object]()

    def rebuild() -> None:
        barrier.wait()
        try:
            answers.append(store.rebuild())
        except store.AnotherBuilds as refused:
            answers.append(refused)
        finally:
            connections.close_all()

    threads = [Thread(target=rebuild) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 2
    assert store.current()[0] == IndexBuild.objects.current()
    assert not store.is_stale()
