"""An index built on one machine is used on another; old ones are kept while a proposal names them."""

import io
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.core.files import File
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from config.environment import index_storage
from matching import propose as proposing
from matching import store
from matching.models import IndexBuild, Proposal
from matching.propose import propose
from matching.review import take
from registry.models import Firm, Need
from tests.factories import BureauFactory, FirmFactory, NeedFactory


class Flaky(FileSystemStorage):
    """Cuts the first so many files that are read."""

    cut: ClassVar[list[str]] = []
    times = 0

    def open(self, name: str, mode: str = "rb") -> Any:
        file = super().open(name, mode)
        if Flaky.times and name.endswith("firm_data.npy"):
            Flaky.times -= 1
            Flaky.cut.append(name)
            return File(io.BytesIO(file.read()[:-3]))
        return file


@pytest.fixture
def machines(settings: LazySettings, tmp_path: Path) -> Any:
    """move(name): from now on this process is another machine, with a folder of its own and the same storage."""
    options = {"location": str(tmp_path / "shared")}
    settings.STORAGES = settings.STORAGES | {
        "index": {"BACKEND": "tests.matching.test_shelf.Flaky", "OPTIONS": options}
    }
    Flaky.cut.clear()

    def move(name: str) -> Path:
        settings.VAR = tmp_path / name
        store._held = None
        return tmp_path / name / "index"

    move("first")
    return move


@pytest.mark.django_db
def test_built_on_one_machine_and_matched_on_another(firms: list[Firm], need: Need, machines: Any) -> None:
    build = store.rebuild()
    propose(need)
    here = list(need.proposals.order_by("firm").values_list("firm", "rank", "score", "terms"))
    there = machines("second")
    propose(need)
    assert list(need.proposals.order_by("firm").values_list("firm", "rank", "score", "terms")) == here
    assert [path.name for path in there.iterdir()] == [build.folder]
    (there / build.folder / "idf.npy").unlink()
    assert store.current()[0] == build, "what was damaged on this machine is fetched again"


@pytest.mark.django_db
def test_a_damaged_download_is_refused_and_fetched_again(firms: list[Firm], machines: Any, tmp_path: Path) -> None:
    build = store.rebuild()
    machines("second")
    Flaky.times = 1
    assert store.current()[0] == build
    assert len(Flaky.cut) == 1
    there = machines("third")
    (tmp_path / "shared" / build.folder / "firm_data.npy").write_bytes(b"x")
    with pytest.raises(store.IndexMissing, match="firm_data"):
        store.current()
    assert list(there.iterdir()) == [], "nothing half-fetched is left"
    assert store.is_stale(), "so it is built anew"


@pytest.mark.django_db(transaction=True)
def test_two_processes_fetch_at_once(firms: list[Firm], machines: Any) -> None:
    build = store.rebuild()
    there = machines("second")
    problems: list[BaseException] = []

    def load() -> None:
        try:
            assert store.open_build(build).build == build
        except BaseException as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    assert [path.name for path in there.iterdir()] == [build.folder]


@pytest.mark.django_db
def test_an_old_build_ranks_as_it_did_and_is_kept_while_it_is_named(
    firms: list[Firm], need: Need, machines: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = NeedFactory(title="制御盤", text="制御盤の配線")
    old = store.rebuild()
    propose(need)
    propose(closed)
    before = list(need.proposals.order_by("rank").values_list("firm", "score"))
    Need.objects.filter(pk=closed.pk).update(state=Need.State.FILLED)
    for number in range(3):
        FirmFactory(capability_text=f"鋼製架台の溶接と塗装 {number}")
        store.rebuild()
        propose(need)
    assert list(need.proposals.order_by("rank").values_list("firm", "score")) != before
    again = proposing.rerun(need, old)
    assert [(item.firm_id, item.score) for item in again] == before
    assert [item.rank for item in again] == list(range(1, len(before) + 1))
    call_command("rematch", need=need.pk, build=old.pk)
    assert firms[0].name in capsys.readouterr().out
    kept = [path.name for path in (tmp_path / "shared").iterdir()]
    assert set(kept) == set(IndexBuild.objects.values_list("folder", flat=True))
    assert old.folder in kept, "the filled need names it"
    assert len(kept) == 3, "the second is named by nobody"
    Proposal.objects.filter(build=old).update(dropped_at=timezone.now())
    decided = Proposal.objects.filter(build=old).first()
    assert decided is not None
    take("reject", decided, by=BureauFactory(), reason="capacity")
    store.rebuild()
    assert IndexBuild.objects.filter(pk=old.pk).exists(), "a decision was taken on what it says"


def test_a_storage_is_a_folder_or_a_class_with_options() -> None:
    assert index_storage("/srv/index", "")["OPTIONS"] == {"location": "/srv/index"}
    s3 = index_storage("storages.backends.s3.S3Storage", '{"bucket_name": "enishi"}')
    assert s3 == {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": "enishi"}}
    for where, options in (("index", ""), ("a.B", "[]"), ("a.B", "{"), ("/srv", '{"a": 1}')):
        with pytest.raises(ImproperlyConfigured, match="ENISHI_INDEX_STORE"):
            index_storage(where, options)
