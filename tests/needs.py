"""The form of a need, filled as the page shows it."""

from typing import Any


def filled(page: Any, **changes: Any) -> dict[str, Any]:
    tables = (page.context["phases"], page.context["criteria"])
    forms = (page.context["form"], *(form for table in tables for form in (table.management_form, *table)))
    sent = {field.html_name: field.value() for form in forms for field in form}
    unticked = {name for name, value in sent.items() if not value and name.endswith("-prefectures")}
    unticked |= {name for name, value in sent.items() if value is False}
    return {name: "" if value is None else value for name, value in sent.items() if name not in unticked} | changes
