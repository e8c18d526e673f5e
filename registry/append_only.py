"""Records of an act: they are added and never changed. The model refuses, and so does the database beneath it.

The database's refusal is a trigger, kept as a constraint of the model so that migrations carry it. It stops every
UPDATE on SQLite and PostgreSQL and every DELETE on PostgreSQL; on SQLite a delete is what empties test databases, and
whoever may write that file needs no SQL.
"""

from collections.abc import Iterable
from typing import Any, NoReturn

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models.constraints import BaseConstraint


class AppendOnlyError(TypeError):
    """A program tried to change a record of an act."""

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__(f"{model.__name__} is append-only: add a new row instead of changing or deleting one.")


class AppendOnlyQuerySet(models.QuerySet[Any]):
    def update(self, **_changes: Any) -> NoReturn:
        raise AppendOnlyError(self.model)

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> NoReturn:
        raise AppendOnlyError(self.model)

    def delete(self) -> NoReturn:
        raise AppendOnlyError(self.model)


class AppendOnly(models.Model):
    objects: Any = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only the guard stands here; what goes with an act belongs to the verb that records it."""
        if not self._state.adding:
            raise AppendOnlyError(type(self))
        super().save(*args, **(kwargs | {"force_insert": True}))

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnlyError(type(self))


_POSTGRES = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'rows of this table are append-only'; END $$;
CREATE TRIGGER %(name)s BEFORE UPDATE OR DELETE ON %(table)s FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""
_SQLITE = (
    "CREATE TRIGGER %(name)s BEFORE UPDATE ON %(table)s "
    "BEGIN SELECT RAISE(ABORT, 'rows of this table are append-only'); END"
)


class NeverChanged(BaseConstraint):
    """The table refuses changes itself. Listed among a model's constraints under a name of its own."""

    def __init__(self, *, name: str, violation_error_message: Any = None) -> None:
        super().__init__(name=name, violation_error_message=violation_error_message)

    def create_sql(self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        assert model is not None
        assert schema_editor is not None
        template = _POSTGRES if schema_editor.connection.vendor == "postgresql" else _SQLITE
        table = Table(model._meta.db_table, schema_editor.quote_name)
        return Statement(template, name=schema_editor.quote_name(self.name), table=table)

    def constraint_sql(self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        """Nothing inside CREATE TABLE; the trigger follows once the table stands."""
        if schema_editor is not None:
            schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return None

    def remove_sql(self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        assert model is not None
        assert schema_editor is not None
        table = Table(model._meta.db_table, schema_editor.quote_name)
        name = schema_editor.quote_name(self.name)
        return Statement("DROP TRIGGER %(name)s ON %(table)s", name=name, table=table)

    def validate(self, *_args: Any, **_kwargs: Any) -> None:
        """A new row is always welcome."""

    def __eq__(self, other: object) -> bool:
        return self.name == other.name if isinstance(other, NeverChanged) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)
