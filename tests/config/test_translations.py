from pathlib import Path

from config.local import translations

CATALOGUE = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "done"
msgstr "済"

msgid "missing"
msgstr ""

#, fuzzy
msgid "guessed"
msgstr "推測"

msgid ""
"two\\n"
"lines"
msgstr ""
"""


def test_what_is_missing_or_guessed_is_named(tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    path.write_text(CATALOGUE)
    assert translations.picked(path, "--untranslated") == ["missing", "two\\nlines"]
    assert translations.picked(path, "--only-fuzzy") == ["guessed"]


def test_compiled_catalogue_is_compared_by_content(tmp_path: Path) -> None:
    path, compiled = tmp_path / "django.po", tmp_path / "django.mo"
    path.write_text(CATALOGUE)
    translations.run(["msgfmt", "-o", str(compiled), str(path)], tmp_path)
    assert translations.messages(compiled) == {"done": "済"}


def test_missing_catalogue_is_said(tmp_path: Path) -> None:
    assert "django.po is missing" in translations.problems(tmp_path)[0]
