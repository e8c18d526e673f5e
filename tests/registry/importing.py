"""An import from the file to what a worker made of it."""

from typing import Any

from registry import imports
from registry.models import (
    ImportBatch,
    User,
)

# A sheet of each kind about the firm 男鹿製缶, its headings as offices write them, and what one changed cell changes.
SHEETS: dict[str, tuple[str, tuple[str, str], dict[str, Any]]] = {
    "firms": ("名称,都道府県,従業員数\n男鹿製缶,秋田県,46\n新しい製缶,秋田県,3", ("46", "52"), {"employees": [46, 52]}),
    "equipment": (
        '企業名,設備名,メーカー,型式,台数,能力\n男鹿製缶,マシニングセンタ,甲社,V-5,3台,"1,200mm"\n男鹿製缶,天井クレーン,,,1,20t',
        ("1,200mm", "1,500mm"),
        {"size": ["1200 mm", "1500 mm"]},
    ),
    "certificates": (
        "企業名,認証名,登録番号,有効期限\n男鹿製缶,ISO 9001,JQA-1,令和9年3月31日\n男鹿製缶,JIS Q 9100,,",
        ("令和9年", "令和12年"),
        {"valid_until": ["2027-03-31", "2030-03-31"]},
    ),
    "capabilities": ("企業名,対応工程\n男鹿製缶,溶接", ("", ""), {}),
    "memberships": (
        "企業名,協議会,入会日\n男鹿製缶,秋田風作戦,2024-04-01",
        ("2024-04-01", "R7.4.1"),
        {"since": ["2024-04-01", "2025-04-01"]},
    ),
    "attendance": (
        "セミナー名,開催日,会場,参加企業,人数\n洋上風力セミナー,2026-10-05,能代市文化会館,男鹿製缶,2\n"
        "洋上風力セミナー,2026-10-05,能代市文化会館,未登録の会社,1",
        ("男鹿製缶,2", "男鹿製缶,4"),
        {"people": [2, 4]},
    ),
    "needs": (
        "プロジェクト,件名,求める内容,数量,単位,締切,必須認証,月産の下限\n"
        "能代沖,架台の製作,溶接と塗装をお願いします。,600,個,2099-03-31,ISO 9001,50",
        ("600", "700"),
        {"quantity": [600, 700]},
    ),
}


def read(by: User, text: str, kind: str = "") -> ImportBatch:
    batch = imports.upload("a.csv", text.encode(), by=by, source="秋田県", kind=kind)
    imports.confirm(batch, by, batch.mapping)
    assert imports.work() == 1
    batch.refresh_from_db()
    return batch


def take(batch: ImportBatch) -> ImportBatch:
    imports.take_over(batch, batch.by)
    assert imports.work() == 1
    batch.refresh_from_db()
    assert (batch.state, batch.error) == ("done", "")
    return batch


def remarks(batch: ImportBatch) -> list[str]:
    return [message for row in batch.rows.all() for _name, _typed, message in row.remarks]
