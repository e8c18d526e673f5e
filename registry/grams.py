"""Where a folded text holds a word, found by an index on SQLite and PostgreSQL alike.

Japanese writes no blanks, so a word may begin anywhere. Beside the table of a model stands another one that knows of
each row every run of three characters (its grams), two line ends after the last one included. A word of one or two
characters is then the beginning of a gram, one of three is a gram, a longer one several grams: for the last the index
only narrows, and LIKE decides. So the answer is always that of `word in text`, without any extension of the database.

Triggers keep the grams true to the text however a row is written: one by one, in bulk, by UPDATE or by hand.
"""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models.expressions import Col
from django.db.models.lookups import Contains

from registry.text import FoldedField

GRAM = 3
LAST_SIGN = chr(0x10FFFF)

_POSTGRES = """
CREATE OR REPLACE FUNCTION grams(text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_to_tsvector(array_agg(DISTINCT gram)), '') FROM (
        SELECT letter || lead(letter, 1, E'\\n') OVER along || lead(letter, 2, E'\\n') OVER along AS gram
        FROM unnest(string_to_array($1, NULL)) WITH ORDINALITY AS letters (letter, place)
        WINDOW along AS (ORDER BY place)
    ) AS all_grams
$$;
CREATE FUNCTION %(name)s_follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'TRUNCATE' THEN TRUNCATE %(name)s; RETURN NULL; END IF;
    IF TG_OP <> 'INSERT' THEN DELETE FROM %(name)s WHERE id = OLD.id; END IF;
    IF TG_OP <> 'DELETE' THEN INSERT INTO %(name)s VALUES (NEW.id, grams(NEW.%(column)s)); END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER %(name)s_row AFTER INSERT OR DELETE ON %(table)s FOR EACH ROW EXECUTE FUNCTION %(name)s_follow();
CREATE TRIGGER %(name)s_text AFTER UPDATE OF %(column)s ON %(table)s FOR EACH ROW
    WHEN (OLD.%(column)s IS DISTINCT FROM NEW.%(column)s) EXECUTE FUNCTION %(name)s_follow();
CREATE TRIGGER %(name)s_all AFTER TRUNCATE ON %(table)s FOR EACH STATEMENT EXECUTE FUNCTION %(name)s_follow();
CREATE TABLE %(name)s AS SELECT id, grams(%(column)s) AS grams FROM %(table)s;
ALTER TABLE %(name)s ADD PRIMARY KEY (id);
CREATE INDEX %(name)s_by_gram ON %(name)s USING gin (grams)
"""
_POSTGRES_REMOVE = """
DROP TRIGGER %(name)s_row ON %(table)s; DROP TRIGGER %(name)s_text ON %(table)s; DROP TRIGGER %(name)s_all ON %(table)s;
DROP FUNCTION %(name)s_follow(); DROP TABLE %(name)s
"""

_ADD = "INSERT INTO %(name)s (rowid, grams) VALUES (new.id, new.%(column)s || char(10, 10));"
_TAKE = "INSERT INTO %(name)s (%(name)s, rowid, grams) VALUES ('delete', old.id, old.%(column)s || char(10, 10));"
_SQLITE = (
    "DROP TABLE IF EXISTS %(name)s",
    "CREATE VIRTUAL TABLE %(name)s USING fts5 "
    "(grams, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1')",
    "INSERT INTO %(name)s (rowid, grams) SELECT id, %(column)s || char(10, 10) FROM %(table)s",
    "CREATE TRIGGER %(name)s_added AFTER INSERT ON %(table)s BEGIN " + _ADD + " END",
    "CREATE TRIGGER %(name)s_deleted AFTER DELETE ON %(table)s BEGIN " + _TAKE + " END",
    "CREATE TRIGGER %(name)s_changed AFTER UPDATE OF %(column)s ON %(table)s "
    "WHEN old.%(column)s IS NOT new.%(column)s BEGIN " + _TAKE + _ADD + " END",
)
_SQLITE_LISTS = "CREATE VIRTUAL TABLE IF NOT EXISTS %(name)s_lists USING fts5vocab (%(name)s, instance)"
_SQLITE_REMOVE = (
    "DROP TRIGGER %(name)s_added",
    "DROP TRIGGER %(name)s_deleted",
    "DROP TRIGGER %(name)s_changed",
    "DROP TABLE %(name)s",
)
_HOLDERS = {
    "postgresql": "SELECT id FROM %s WHERE grams @@ %%s::tsquery",
    "sqlite": "SELECT rowid FROM %s WHERE %s MATCH %%s",
    "begun": "SELECT doc FROM %s_lists WHERE term BETWEEN %%s AND %%s",  # SQLite, by the beginning of a gram
}


class GramIndex(models.Index):
    """The grams of one FoldedField, for its lookup `holds`; they stand in tables that begin with the index's name.

    As an index of the model it is carried by migrations, and SQLite's remakes of the table make it anew.
    """

    def create_sql(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, using: str = "", **kwargs: Any
    ) -> Statement:
        state = self._statements(model, schema_editor)
        if schema_editor.connection.vendor == "postgresql":
            return state(_POSTGRES)
        # One statement at a time; some callers run the returned one at once, others last. The lists suit both.
        schema_editor.deferred_sql.extend(map(state, _SQLITE))
        return state(_SQLITE_LISTS)

    def remove_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, **kwargs: Any) -> Any:
        state = self._statements(model, schema_editor)
        if schema_editor.connection.vendor == "postgresql":
            return state(_POSTGRES_REMOVE)
        schema_editor.deferred_sql.extend(map(state, _SQLITE_REMOVE))
        return state("DROP TABLE %(name)s_lists")

    def _statements(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> Callable[[str], Statement]:
        """Templates → statements that follow when the table is renamed, as a remake does."""
        [name] = self.fields
        field: Any = model._meta.get_field(name)
        column = schema_editor.quote_name(field.column)
        table = Table(model._meta.db_table, schema_editor.quote_name)
        return lambda template: Statement(template, name=self.name, table=table, column=column)

    def holders(self, word: str, vendor: str) -> tuple[str, tuple[str, ...]]:
        """A query of the ids of all rows that have each gram of the word, and its parameters."""
        grams = [word[start : start + GRAM] for start in range(max(1, len(word) - GRAM + 1))]
        begun = len(word) < GRAM
        if vendor == "postgresql":
            asked = " & ".join(_quoted(gram.replace("\\", "\\\\"), "'") for gram in grams)
            return _HOLDERS["postgresql"] % self.name, (asked + ":*" * begun,)
        if begun:
            return _HOLDERS["begun"] % self.name, (word, word + LAST_SIGN)
        return _HOLDERS["sqlite"] % (self.name, self.name), (" ".join(_quoted(gram, '"') for gram in grams),)


def _quoted(text: str, mark: str) -> str:
    return mark + text.replace(mark, mark * 2) + mark


@FoldedField.register_lookup
class Holds(models.Lookup):
    """Rows whose text holds a folded word: by the model's index where there is one, else by reading every text."""

    lookup_name = "holds"

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        text, params = Contains(self.lhs, self.rhs).as_sql(compiler, connection)
        index = _index_of(self.lhs)
        if index is None or not self.rhs:
            return text, tuple(params)
        key, _none = compiler.compile(Col(self.lhs.alias, self.lhs.target.model._meta.pk))
        query, found = index.holders(self.rhs, connection.vendor)
        if len(self.rhs) <= GRAM:
            return f"{key} IN ({query})", found
        return f"({key} IN ({query}) AND {text})", (*found, *params)


def _index_of(column: Any) -> GramIndex | None:
    if not isinstance(column, Col):
        return None
    indexes = column.target.model._meta.indexes
    return next((one for one in indexes if isinstance(one, GramIndex) and one.fields == [column.target.name]), None)
