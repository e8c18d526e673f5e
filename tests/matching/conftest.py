from collections.abc import Sequence

import pytest
from django.conf import LazySettings

from matching import jobs
from matching.models import Group
from registry.models import Firm, Need, User
from tests.factories import CoordinatorFactory, FirmFactory, NeedFactory
from tests.matching.story import firms_of_story, kept_by, need_of_story

Sent = list[tuple[list[int], int]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Hints that would have gone to workers, as (job ids, priority); nobody hears them."""
    heard: Sent = []

    def hear(job_ids: Sequence[int], priority: int = jobs.FIRST) -> None:
        if job_ids:
            heard.append((list(job_ids), priority))

    monkeypatch.setattr(jobs, "hint", hear)
    return heard


@pytest.fixture
def own_var(settings: LazySettings, tmp_path: object) -> None:
    """An index folder of the test's own."""
    settings.VAR = tmp_path


@pytest.fixture
def akita(db: None) -> User:
    return CoordinatorFactory("05", name="工藤 健")


@pytest.fixture
def aomori(db: None) -> User:
    return CoordinatorFactory("02", name="三上 葵")


@pytest.fixture
def story_firms(db: None) -> dict[str, Firm]:
    return firms_of_story()


@pytest.fixture
def group(story_firms: dict[str, Firm], akita: User) -> Group:
    """Kept, of firms of two prefectures (story 4)."""
    return kept_by(akita, need_of_story())


@pytest.fixture
def firms(db: None) -> list[Firm]:
    return [
        FirmFactory(name="能代溶接", capability_text="鋼構造物の溶接と塗装。大型架台の製缶。"),
        FirmFactory(name="北上精密", capability_text="アルミの5軸切削加工と真空部品の洗浄。"),
        FirmFactory(name="男鹿港運", capability_text="重量物の港湾荷役と輸送。"),
        FirmFactory(name="大和電装", capability_text="制御盤の設計と配線。"),
    ]


@pytest.fixture
def need(firms: list[Firm]) -> Need:
    return NeedFactory(title="風車内部の架台", text="鋼製架台の溶接と塗装をお願いしたい。")
