"""What a page weighs with all that it loads, compressed: at most 150 kB, also with fifty rows."""

from typing import Any

import pytest
from django.urls import reverse

from registry.page_weight import weight
from tests.test_query_counts import World, browser, entries

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]
LIMIT = 150_000
PAGES = {"registry:firm": "firm", "registry:firm-edit": "firm", "registry:need": "need", "registry:need-edit": "need",
         "matching:proposal": "proposal", "matching:why": "need", "matching:list-new": "need"}  # fmt: skip


def test_no_page_weighs_more_than_150_kb() -> None:
    world, found = World(), {}
    world.grow(60)
    asked = {(entry.name, entry.words, entry.person) for entry in entries()}
    asked |= {(name, (word,), "akita") for name, word in PAGES.items()}
    for name, words, person in sorted(asked):
        answer: Any = browser(world, person).get(reverse(name, args=[world.keys.get(word, word) for word in words]))
        if answer["Content-Type"].startswith("text/html"):
            found[name, person] = weight(answer.content)
    assert {page: size for page, size in found.items() if size > LIMIT} == {}
    assert min(found.values()) > 15_000  # style sheets and scripts are in it
    assert len(found) > 30


def test_the_files_of_style_sheets_count_too() -> None:
    page = b'<link rel="stylesheet" href="/static/css/base.css"><img src="/static/img/tohoku.svg"><script src="/a.js">'
    assert weight(page) > weight(b'<img src="/static/img/tohoku.svg">') > weight(b"") + 2_000
    with pytest.raises(FileNotFoundError):
        weight(b'<script src="/static/js/gone.js"></script>')
