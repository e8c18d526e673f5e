"""Sheets about firms that are registered, a line for each machine, certificate, capability or membership."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.columns import equipment_line
from registry.intake import values
from registry.intake.cells import Cell
from registry.intake.fields import Catalogues, ImportField, Value, by, chosen, day, key, named
from registry.intake.kinds import kept
from registry.intake.kinds.base import Line, New
from registry.intake.kinds.firm_fields import NO_CAPABILITY, NO_CONSORTIUM, UNTIL
from registry.intake.kinds.parts import Parts
from registry.models import Capability, Consortium, ConsortiumMembership, Equipment, Firm, FirmCertification, ImportRow
from registry.sheet_columns import CAPABILITY_COLUMNS, CERTIFICATE_COLUMNS, EQUIPMENT_COLUMNS, MEMBERSHIP_COLUMNS

_HEADINGS = {
    column.name: column.heading
    for column in (*EQUIPMENT_COLUMNS, *CERTIFICATE_COLUMNS, *CAPABILITY_COLUMNS, *MEMBERSHIP_COLUMNS)
}


def _size(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    """ "1,200mm" · "50 t": a number and its unit, as `Equipment.size_text` writes it."""
    return values.measure(cell, {str(label): str(label) for label in Equipment.Unit.labels} | _OTHER_UNITS)


_OTHER_UNITS = {
    "μm": "μm",
    "um": "μm",
    "トン": "t",
    "㎡": "m²",
    "m2": "m²",
    "平米": "m²",
    "m3": "m³",
    "立米": "m³",
    "ミリ": "mm",
}
_UNITS = {str(label): code for code, label in Equipment.Unit.choices}


class EquipmentSheet(Parts):
    name = "equipment"
    label = gettext_lazy("Equipment")
    model = Equipment
    column = "equipment"
    identity = ("machine", "maker", "model")
    own = (
        ImportField(
            "machine",
            _HEADINGS["machine"],
            by(values.line, 200),
            ("設備", "設備名", "設備名称", "機械名", "機械名称", "保有設備", "machine", "equipment"),
            required=True,
        ),
        ImportField("maker", _HEADINGS["maker"], by(values.line, 100), ("メーカー", "メーカー名", "製造元")),
        ImportField("model", _HEADINGS["model"], by(values.line, 100), ("型式", "型番", "機種")),
        ImportField("count", _HEADINGS["count"], by(values.whole), ("台数", "数量", "数", "count")),
        ImportField(
            "size",
            _HEADINGS["size"],
            _size,
            ("サイズ", "加工範囲", "能力", "最大寸法"),
            gettext_lazy("The largest that it takes or lifts, with its unit: 1200 mm, 50 t"),
        ),
        ImportField("note", _HEADINGS["note"], by(values.line, 200), ("備考", "精度", "仕様", "note")),
    )

    def title(self, row: Mapping[str, Value]) -> str:
        return f"{row.get('name') or row.get('corporate_number') or ''} {row.get('machine') or ''}".strip()

    def one_line(self, row: Mapping[str, Value]) -> Any:
        """A firm may have two machines of one name and different size."""
        return tuple(key(str(row.get(field.name) or "")) for field in self.own)

    def held_as(self, target: Equipment) -> list[Any]:
        """A list of firms brought a machine in as one line, without maker, model and size apart."""
        in_one = [] if target.maker or target.model else [key(equipment_line(target))]
        return super().held_as(target) + in_one

    def named(self, row: Mapping[str, Value]) -> list[Any]:
        return [*super().named(row), key(equipment_line(Equipment(**self.columns(row))))]

    def changes(self, line: Line) -> dict[str, list[Value]]:
        """A machine that came in as one line is what this line says and nothing else: “×2” may belong to its name."""
        found, held = super().changes(line), self.held(line.target)
        if self._identity(held) != self._identity(line.values):
            found |= {
                name: [old, None] for name, old in held.items() if old not in (None, "") and name not in line.values
            }
        return found

    def json(self, target: Equipment, name: str) -> Value:
        if name == "size":
            return target.size_text
        return super().json(target, "name" if name == "machine" else name)

    def columns(self, given: Mapping[str, Value]) -> dict[str, Any]:
        given = dict(given)
        named_ = {"name": given.pop("machine")} if "machine" in given else {}
        if "size" not in given:
            return super().columns(given) | named_
        number, _blank, unit = str(given.pop("size") or "").partition(" ")
        size = Equipment._meta.get_field("size").to_python(number or None)
        return super().columns(given) | named_ | {"size": size, "unit": _UNITS.get(unit, "")}


def _certificate(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    stated = values.line(cell, 200)
    if UNTIL.search(stated):
        raise ValidationError(gettext_lazy("write the day until which it is valid into its own column"))
    return stated


class CertificateSheet(Parts):
    name = "certificates"
    label = gettext_lazy("Certificates")
    model = FirmCertification
    column = "certifications"
    identity = ("stated",)
    own = (
        ImportField(
            "stated",
            _HEADINGS["stated"],
            _certificate,
            ("認証", "認証名", "認証・資格", "資格", "規格", "取得認証", "stated"),
            required=True,
        ),
        ImportField(
            "number",
            _HEADINGS["number"],
            by(values.line, 100),
            ("登録番号", "認証番号", "証書番号", "番号"),
        ),
        ImportField("issuer", _HEADINGS["issuer"], by(values.line, 200), ("認証機関", "審査機関", "発行機関")),
        ImportField("valid_from", _HEADINGS["valid_from"], day, ("登録日", "取得日", "有効開始日")),
        ImportField("valid_until", _HEADINGS["valid_until"], day, ("有効期限", "期限", "有効期間満了日", "満了日")),
    )

    def title(self, row: Mapping[str, Value]) -> str:
        return f"{row.get('name') or row.get('corporate_number') or ''} {row.get('stated') or ''}".strip()

    def _check(self, line: Line) -> None:
        super()._check(line)
        begins, ends = line.values.get("valid_from"), line.values.get("valid_until")
        if begins and ends and begins > ends:
            line.refuse("valid_until", _("this day lies before the first one"))

    def changed(self, part: FirmCertification) -> list[str]:
        return part.unconfirmed()

    def keep(self, rows: Sequence[ImportRow], new: New) -> None:
        held = FirmCertification.objects.in_bulk([row.target for row in rows])
        for row in rows:
            row.kept = kept.said(held[row.target], ("confirmed_at", "confirmed_by"))

    def give_back(self, rows: Sequence[ImportRow]) -> None:
        held = {row.target: row.kept for row in rows if row.target}
        for pk, columns in held.items():
            FirmCertification.objects.filter(pk=pk).update(**columns)

    def complete(self, parts: Iterable[Any], catalogues: Catalogues) -> None:
        for part in parts:
            part.certification_id = catalogues.certifications.find(part.stated)


class CapabilitySheet(Parts):
    name = "capabilities"
    label = gettext_lazy("Capabilities")
    model = Firm.capabilities.through
    column = "capabilities"
    identity = ("capability",)
    own = (
        ImportField(
            "capability",
            _HEADINGS["capability"],
            chosen("capabilities", NO_CAPABILITY),
            ("保有技術", "対応工程", "工程", "技術", "capabilities"),
            required=True,
            show=named(Capability),
            choices=Capability,
        ),
    )

    def title(self, row: Mapping[str, Value]) -> str:
        return str(row.get("name") or row.get("corporate_number") or "")


class MembershipSheet(Parts):
    name = "memberships"
    label = gettext_lazy("Memberships of consortia")
    model = ConsortiumMembership
    column = "consortia"
    identity = ("consortium",)
    own = (
        ImportField(
            "consortium",
            _HEADINGS["consortium"],
            chosen("consortia", NO_CONSORTIUM),
            ("協議会", "コンソーシアム", "団体", "所属団体", "consortia"),
            required=True,
            show=named(Consortium),
            choices=Consortium,
        ),
        ImportField("since", _HEADINGS["since"], day, ("入会日", "加入日", "加盟日", "開始日", "from")),
        ImportField("until", _HEADINGS["until"], day, ("退会日", "脱退日", "終了日", "to")),
    )

    def title(self, row: Mapping[str, Value]) -> str:
        return str(row.get("name") or row.get("corporate_number") or "")

    def _check(self, line: Line) -> None:
        super()._check(line)
        since, until = line.values.get("since"), line.values.get("until")
        if since and until and since > until:
            line.refuse("until", _("this day lies before the first one"))

    def changes(self, line: Line) -> dict[str, list[Value]]:
        found = super().changes(line)
        days = self.held(line.target) | line.values
        if days.get("since") and days.get("until") and days["since"] > days["until"]:
            line.refuse("until", _("this day lies before the first one"))
        return found
