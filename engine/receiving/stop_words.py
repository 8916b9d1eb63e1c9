"""Whether a reply says stop: the whole of it, once it is brought to its plain form, is one of the words."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 100
_EDGES: Final = ("P", "S", "Z", "C")
_INVISIBLE: Final = re.compile("[\ufe00-\ufe0f\u20e3]")


def plain(text: str) -> str:
    """A text as it is compared: compatibility forms, case, spaces, and signs around it make no difference."""
    folded = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text).casefold())
    seen = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    words = re.sub(r"[\s\-_]+", " ", seen).strip()
    start, end = 0, len(words)
    while start < end and unicodedata.category(words[start])[0] in _EDGES:
        start += 1
    while end > start and unicodedata.category(words[end - 1])[0] in _EDGES:
        end -= 1
    return words[start:end]


def says_stop(text: str, words: Iterable[str]) -> bool:
    """Whether this reply is one of the words, and nothing besides."""
    said = plain(text)
    return bool(said) and said in {plain(word) for word in words}


def words_of(setting: str | None) -> list[str]:
    """The words of all languages of the setting `stop_words`; what makes no sense in it is left out."""
    try:
        found = json.loads(setting or "{}")
    except (ValueError, RecursionError):
        return []
    lists = found.values() if isinstance(found, dict) else []
    return [w for words in lists if isinstance(words, list) for w in words if isinstance(w, str)]
