"""Indexes in the order of lists."""

from typing import Any

from django.db import models


class FallingIndex(models.Index):
    """Rows by a falling column (“-employees”), those without a value last, as lists sort on both databases.

    PostgreSQL puts them first unless the index says otherwise. SQLite takes NULL for the least, so they are last there
    by themselves, and it refuses an index that says so.
    """

    def create_sql(self, model: type[models.Model], schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        statement: Any = super().create_sql(model, schema_editor, using=using, **kwargs)
        if schema_editor.connection.vendor == "postgresql":
            columns = statement.parts["columns"]
            columns.col_suffixes = [suffix and f"{suffix} NULLS LAST" for suffix in columns.col_suffixes]
        return statement
