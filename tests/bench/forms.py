"""The forms of a page as a browser without scripts would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    method: str
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class Forms(HTMLParser):
    """Method, address and what each field holds; a file that nobody chose is not sent."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._named: dict[str, Form] = {}
        self._open: Form | None = None
        self._area = self._select = ""

    @classmethod
    def of(cls, page: str) -> list[Form]:
        reader = cls()
        reader.feed(page)
        return reader.forms

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(said.get("method", "get").lower(), said.get("action", ""))
            self.forms.append(self._open)
            self._named[said.get("id", "")] = self._open
            return
        form = self._named.get(said["form"]) if "form" in said else self._open
        if form is None:
            return
        if tag == "option" and self._select and "selected" in said:
            form.fields[self._select] = [said.get("value", "")]
        elif name := said.get("name"):
            self._field(form, tag, name, said)

    def _field(self, form: Form, tag: str, name: str, said: dict[str, str]) -> None:
        kind = said.get("type", "text") if tag == "input" else tag
        if kind in {"checkbox", "radio"}:
            form.fields.setdefault(name, []).extend([said.get("value", "on")] if "checked" in said else [])
        elif kind in {"textarea", "select"}:
            form.fields[name] = [""]
            self._area, self._select = (name, "") if kind == "textarea" else ("", name)
        elif kind != "file":
            form.fields.setdefault(name, []).append(said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag in {"textarea", "select"}:
            self._area = self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area and self._open is not None:
            self._open.fields[self._area] = [self._open.fields[self._area][0] + data]
