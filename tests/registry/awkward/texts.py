"""Awkward text files."""

from collections.abc import Iterable
from typing import Any

from tests.registry.awkward.case import Case, fixed

HEAD = "企業名,都道府県,従業員数"
ROW = "㈱男鹿メッキ①,秋田県,46"
TWO = f"{HEAD}\r\n{ROW}\r\n能代製缶,秋田,５２名\r\n"
READ: dict[str, Any] = {
    "counts": {"new": 2},
    "values": {2: {"name": "㈱男鹿メッキ①", "prefecture": "05", "employees": 46}, 3: {"employees": 52}},
}
NUMBER = "7000012050002"


def text(title: str, content: str, encoding: str = "utf-8", ending: str = ".csv", **expected: Any) -> Case:
    return Case(title, ending, fixed(content.encode(encoding)), **expected)


def raw(title: str, content: bytes, ending: str = ".csv", **expected: Any) -> Case:
    return Case(title, ending, fixed(content), **expected)


def cell(title: str, heading: str, typed: str, field: str, remedy: str) -> Case:
    """A line that is refused for one cell, which is named with its value."""
    quoted = '"' + typed.replace('"', '""') + '"'
    return text(
        title,
        f"企業名,都道府県,{heading}\n良い会社,秋田県,\n悪い会社,秋田県,{quoted}\n",
        counts={"new": 1, "refused": 1},
        remarks=[(3, field, typed[:20], remedy)],
    )


def means(title: str, heading: str, typed: str, field: str, value: Any) -> Case:
    quoted = '"' + typed.replace('"', '""') + '"'
    return text(
        title, f"企業名,都道府県,{heading}\n会社,秋田県,{quoted}\n", counts={"new": 1}, values={2: {field: value}}
    )


def _encodings() -> Iterable[Case]:
    for encoding in ("utf-8", "utf-8-sig", "cp932", "utf-16", "utf-32"):
        yield text(f"encoding {encoding}", TWO, encoding, **READ)
    for encoding in ("utf-16-le", "utf-16-be"):
        yield text(f"{encoding} without mark", TWO, encoding, **READ)
        mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}[encoding]
        tabbed = mark + TWO.replace(",", "\t").encode(encoding)
        yield raw(f"{encoding} with mark and tabs, as Excel's Unicode text", tabbed, ".txt", **READ)
    plain = TWO.replace("㈱", "(株)").replace("①", "")
    read: dict[str, Any] = {"counts": {"new": 2}, "values": {2: {"name": "(株)男鹿メッキ"}}}
    yield text("euc-jp of an old server", plain, "euc_jp", **read)
    yield text("jis of an old mail", plain, "iso2022_jp", **read)
    yield text(
        "cp932 with signs of NEC and IBM",
        f"{HEAD}\n髙﨑精機㈲№1～－∥,秋田県,1",
        "cp932",
        counts={"new": 1},
        values={2: {"name": "髙﨑精機㈲№1～－∥"}},
    )
    yield text(
        "half-width kana in cp932",
        "企業名,ﾌﾘｶﾞﾅ,都道府県\nﾉｼﾛﾒｯｷ,ﾉｼﾛﾒｯｷ,秋田県",
        "cp932",
        counts={"new": 1},
        values={2: {"name": "ﾉｼﾛﾒｯｷ", "name_kana": "ﾉｼﾛﾒｯｷ"}},
    )
    yield text(
        "kanji of four bytes and variants",
        f"{HEAD}\n𠮷野葛󠄀製作所,秋田県,1",
        counts={"new": 1},
        values={2: {"name": "𠮷野葛󠄀製作所"}},
    )
    yield raw("two encodings in one file", HEAD.encode("cp932") + b"\r\n" + ROW.encode() + b"\r\n", refused="Line 2")
    yield raw("the other way round", HEAD.encode() + b"\r\n" + ROW.encode("cp932") + b"\r\n", refused="Line 1")
    yield raw("cut in the middle of a character", TWO.encode()[:-9], refused="Line 3")
    yield raw("one broken byte", TWO.encode("cp932").replace(b"46", b"4\x816"), refused="Line 2")
    yield raw("a NUL in the text", TWO.encode().replace(b"46", b"4\x006"), refused="Line 2")
    yield raw("a NUL in cp932", TWO.encode("cp932").replace(b"46", b"4\x006"), refused="Line 2")
    yield raw("nothing but NULs", b"\x00" * 5000, refused="NUL")


def _shapes() -> Iterable[Case]:
    yield text("semicolons", TWO.replace(",", ";"), "cp932", **READ)
    yield text("tabs", TWO.replace(",", "\t"), **READ)
    yield text("tsv", TWO.replace(",", "\t"), ending=".tsv", **READ)
    yield text("separator declared in the first line", "sep=;\r\n" + TWO.replace(",", ";"), counts={"new": 2})
    yield text("line ends of an old Macintosh", TWO.replace("\r\n", "\r"), **READ)
    yield text("line ends of two kinds", TWO.replace("\r\n", "\n", 1), **READ)
    yield text("ends without a line end", TWO.rstrip(), **READ)
    yield text("empty lines and commas at the end", TWO + "\r\n,,\r\n\r\n,,,,\r\n", **READ)
    yield text("capital ending", TWO, ending=".CSV", **READ)
    yield text(
        "every cell in quotation marks",
        '"企業名","都道府県"\n"会社, 本店","秋田県"',
        counts={"new": 1},
        values={2: {"name": "会社, 本店"}},
    )
    yield text(
        "doubled quotation marks",
        f'{HEAD}\n"""甲"" 製作所",秋田県,1',
        counts={"new": 1},
        values={2: {"name": '"甲" 製作所'}},
    )
    yield text(
        "title rows and a gap above the headings", f"令和8年度 企業一覧,,\n作成: 産業課,,\n,,\n{TWO}", counts={"new": 2}
    )
    yield text(
        "headings with marks, blanks and line breaks",
        '"企業名\n【必須】","都道府県 ※","従 業 員 数"\n会社,秋田県,3',
        counts={"new": 1},
        values={2: {"employees": 3}},
    )
    yield text(
        "the same heading twice",
        "企業名,都道府県,電話,電話\n会社,秋田県,0185-1,0185-2",
        counts={"new": 1},
        values={2: {"contact_phone": "0185-1"}},
    )
    yield text("fewer cells than headings", f"{HEAD}\n会社,秋田県", counts={"new": 1})
    yield text(
        "a comma in a text without quotation marks",
        "企業名,都道府県,住所\n会社,秋田県,字海岸1,2\n",
        counts={"refused": 1},
        remarks=[(2, "", "2", "quotation marks")],
    )
    yield text(
        "a sum below the table",
        f"{TWO}合計,,98",
        counts={"new": 2, "refused": 1},
        remarks=[(4, "prefecture", "", "needs this")],
    )
    yield text("quotation mark that is never closed", f'{HEAD}\n"会社,秋田県,1\n次の会社,秋田県,2\n', refused="Line 2")
    yield text("quotation mark closed lines later", f'{HEAD}\n"会社,秋田県,1\n次の会社,"秋田県",2\n', refused="Line 2")
    yield text("quotation mark inside a text", f'{HEAD}\n5" 配管の会社,秋田県,1', counts={"new": 1})
    yield text("nothing", "", refused="empty")
    yield text("nothing but the mark", "\ufeff", refused="no rows")
    yield text("nothing but commas", "\r\n,,\r\n", refused="no rows")
    yield text("nothing but headings", HEAD, refused="no lines below")
    yield text(
        "a thousand columns", ",".join(["企業名", "都道府県", *map(str, range(998))]) + "\n" + "x," * 1000, refused="1"
    )
    yield text("200,001 lines", HEAD + "\n" + "a,秋田県,1\n" * 200_001, refused="200000", seconds=20)
    yield text("one line of a megabyte", "x" * 1_000_000, refused="Line 1")


def _cells() -> Iterable[Case]:
    for title, typed, remedy in (
        ("eaten by a spreadsheet", "7.00001E+12", "shortened by a spreadsheet"),
        ("written out again by a spreadsheet", "1230000000000", "shortened by a spreadsheet"),
        ("rounded by a spreadsheet", "7000012050000", "check digit"),
        ("of twelve digits", "700001205000", "13 digits"),
        ("with a wrong check digit", "7000012050003", "check digit"),
        ("of words", "申請中です", "13 digits"),
        ("with words", f"{NUMBER}番", "leave only these"),
    ):
        yield cell(f"corporate number {title}", "法人番号", typed, "corporate_number", remedy)
    for typed in (NUMBER, f" {NUMBER}", "７０００−０１２０５０００２", "T7000012050002", "7000-0120-50002",
                  "7,000,012,050,002", f'="{NUMBER}"'):  # fmt: skip
        yield means(f"corporate number as {typed}", "法人番号", typed, "corporate_number", NUMBER)
    yield cell("no number of employees", "従業員数", "たくさん", "employees", "write digits only")
    yield cell("a negative number", "従業員数", "-3", "employees", "not between 0")
    yield cell("half a person", "従業員数", "3.5", "employees", "not a whole number")
    yield cell("a comma between no thousands", "従業員数", "1,5", "employees", "write digits only")
    yield cell("a sign for the line above", "住所", "〃", "address", "write it out")
    yield means("yen by the steps of Japanese numbers", "資本金", "1億2,000万円", "capital_jpy", 120_000_000)
    yield cell("steps in a wrong order", "資本金", "2千万1億円", "capital_jpy", "write digits only")
    yield cell("more than any column holds", "従業員数", "9" * 30, "employees", "not between 0")
    yield means("full-width digits with a unit", "従業員数", "約１，２００名", "employees", 1200)
    yield means("yen in ten thousands", "資本金", "1,000万円", "capital_jpy", 10_000_000)
    yield means("a heading with its unit", "資本金（千円）", "10,000", "capital_jpy", 10_000_000)
    yield means("a sign for nothing", "従業員数", "－", "name", "会社")
    yield means("an era for a year", "創業", "昭和元年", "founded", 1926)
    yield means("an era with its month", "設立年月", "S62.4", "founded", 1987)
    yield cell("an era that never was", "創業", "令安3年", "founded", "write it like")
    for typed in ("ISO 9001（令和9年3月31日まで）", "ISO 9001 (R9.3.31)"):
        held = [{"stated": "ISO 9001", "valid_until": "2027-03-31"}]
        yield means(
            f"an era for a day, below a heading with a remark: {typed}",
            "認証（有効期限）",
            typed,
            "certifications",
            held,
        )
    yield cell("a foreign town", "市町村", "能代市役所前", "municipality", "municipality")
    yield cell("no prefecture of Japan", "フリガナ", "x" * 201, "name_kana", "at most 200")
    yield cell("no address of mail", "メール", "info＠example", "contact_email", "Enter a valid")
    yield cell("no address of a site", "HP", "準備中", "site", "Enter a valid URL")
    yield means("a site without its scheme", "HP", "example.jp", "site", "https://example.jp")
    yield cell("an error of Excel", "住所", "#N/A", "address", "correct the formula")
    yield cell("a text of 32,768 characters", "事業内容", "長" * 32_768, "capability_text", "at most 4000")
    yield cell("a sign of one computer only", "住所", "高\ue123町", "address", "type it again")
    yield cell("a sign that was lost", "住所", "\ufffd町", "address", "type it again")
    yield cell("thirty thousand combining marks", "住所", "e" + "\u0301" * 30_000, "address", "at most 300")
    yield means("nine thousand of them in a free text", "事業内容", "e" + "\u0301" * 3_900, "name", "会社")
    yield means(
        "line breaks in a cell",
        "設備",
        "マシニングセンタ ×3 φ300まで\n・旋盤",
        "equipment",
        ["マシニングセンタ ×3 φ300まで", "旋盤"],
    )
    yield means("a line break in an address", "住所", "能代市\n字海岸1", "address", "能代市 字海岸1")
    yield means("a word for no telephone", "電話", "なし", "contact_phone", None)
    yield means("a wide blank in a name stays", "英語名", "Noshiro　Works", "name_en", "Noshiro　Works")
    yield means("controls in a text", "住所", "能代\x0b市\x1f", "address", "能代市")
    for sign in ("=1+1", "+81-185-52-0000", "-5 ℃", "@SUM(A1)", "＝１＋１", "=cmd|'/c calc'!A0", '=HYPERLINK("x")'):
        yield means(f"text that looks like a formula ({sign[:4]})", "住所", sign, "address", sign)
    yield means("text that was guarded against being a formula", "住所", "'=1+1", "address", "=1+1")
    yield means("markup stays text", "住所", "<script>alert(1)</script>", "address", "<script>alert(1)</script>")
    yield means("SQL stays text", "住所", "'; DROP TABLE x; --", "address", "'; DROP TABLE x; --")


def _twins() -> Iterable[Case]:
    same = [
        ("(株)男鹿", "株式会社男鹿"),
        ("㈱男鹿", "株式会社　男鹿"),
        ("ＡＢＣ製作所", "ABC製作所"),
        ("ｵｶﾞﾒｯｷ", "オガメッキ"),
        ("男鹿\u200b製缶", "男鹿製缶"),
        ("\u202e男鹿製缶", "男鹿製缶"),
        ("株式会社男鹿 ", "株式会社男鹿"),
    ]
    for one, other in same:
        yield text(
            f"twins {one.encode('unicode_escape').decode()[:20]}",
            f"企業名,都道府県\n{one},秋田県\n{other},秋田県\n",
            counts={"new": 1, "refused": 1},
            remarks=[(3, "", "", "line 2")],
        )
    yield text(
        "legal form before and after: two companies",
        "企業名,都道府県\n株式会社男鹿,秋田県\n男鹿株式会社,秋田県\n",
        counts={"new": 2},
    )
    yield text(
        "the same number twice",
        f"企業名,都道府県,法人番号\n甲,秋田県,{NUMBER}\n乙,秋田県,{NUMBER}\n",
        counts={"new": 1, "refused": 1},
        remarks=[(3, "", "", "line 2")],
    )
    yield text(
        "invisible signs are taken out of a name",
        "企業名,都道府県\n男\u200b鹿\u2060製\ufeff缶\u202e,秋田県\n",
        counts={"new": 1},
        values={2: {"name": "男鹿製缶"}},
    )


TEXTS: list[Case] = [*_encodings(), *_shapes(), *_cells(), *_twins()]
