"""Which kinds of facts a free text names already: what a buyer looks for in it. Pure: text in, kinds out."""

import re

from registry.text import fold

_NUMBER = r"(?<![\d,.])[,.]*+\d[\d,.]*+\s*+"  # from its first digit and all of it: a long one is read once
KINDS: dict[str, re.Pattern[str]] = {
    "process": re.compile(
        r"溶接|製缶|切削|旋盤|旋削|ふらいす|研削|研磨|ぷれす|板金|曲げ|鍛造|鋳造|だいかすと|めっき|塗装|熱処理|焼入|"
        r"表面処理|組立|検査|測定|成形|加工|設計|洗浄|塗工|溶射|施工|保守|めんてなんす|運搬|"
        r"weld|machin|mill|turning|lathe|grind|press|forg|cast|plat(?:ing|ed)|paint|coat|anodi|heat treat|assembl|"
        r"inspect|mould|mold|design|fabricat|maint"
    ),
    "material": re.compile(
        r"鋼|すてんれす|あるみ|ちたん|銅|真鍮|いんこねる|樹脂|ごむ|せらみっく|がらす|木材|炭素繊維|鋳鉄|合金|"
        r"(?<![a-z0-9])(?:sus|ss|sm|s|a|c|scm|fc|fcd)\s?-?\d{2,4}[a-z]?(?![a-z0-9])|steel|stainless|"
        r"alumin|titanium|copper|brass|inconel|resin|"
        r"plastic|rubber|ceramic|glass|alloy|carbon|cfrp|frp|peek"
    ),
    "size": re.compile(
        rf"(?:φ|⌀|ø|ふぁい)\s*\d|{_NUMBER}(?:mm|cm|m|t|kg|とん|みり|めーとる|inch|in|ft)(?![a-z])|"
        rf"{_NUMBER}(?:とん|みり|めーとる)|"
        rf"{_NUMBER}[x×*]\s*\d|板厚|最大寸法"
    ),
    "tolerance": re.compile(
        rf"±|公差|精度|平面度|真円度|面粗|\bra\s*≤?\s*\d|\bit\d|{_NUMBER}(?:\u03bcm|um|みくろん)|toleran|accura"
    ),
    "lot": re.compile(
        rf"ろっと|量産|試作|小口|多品種|月産|年産|単品|{_NUMBER}(?:個|枚|本|台|基|式|せっと|pcs|pieces|sets|units)|"
        r"prototype|batch|volume|series|\blots?\b|a month|per month|/月"
    ),
}
"""Patterns over folded text: lower case, half width, katakana as hiragana."""


def named(text: str) -> frozenset[str]:
    """Of process, material, size, tolerance and lot those that the text names; a hint, not a judgement."""
    folded = fold(text)
    return frozenset(kind for kind, pattern in KINDS.items() if pattern.search(folded))
