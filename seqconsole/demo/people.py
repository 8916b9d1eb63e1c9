"""The demo's people: names as operators meet them, and phones in the spellings people type."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from seqconsole.demo.texts import split_names

HOSTILE_NAME: Final = "Robert[/]\x1b[31m'); DROP TABLE leads;--\x1b]0;owned\x07"
"""A name that attacks markup, terminal and SQL at once; every database has one."""

LONG_NAME: Final = (
    "Tengku Puteri Nur Aisyah Zulaikha binti Almarhum Tengku Haji Muhammad Firdaus Shah Al-Haj"
)

_WOMEN = split_names(
    "Nur Aisyah|Siti Hajar|Nurul Izzah|Farah Nadia|Puteri Balqis|Rosmah|Aina Sofea|Syafiqah|"
    "Wan Azizah|Noraini|Fatimah Zahra|Zaleha"
)
_MEN = split_names(
    "Muhammad Aqil|Ahmad Faizal|Mohd Hafiz|Azlan|Khairul Anuar|Zulkifli|Hakim|Amirul|Iskandar|"
    "Wan Ahmad Danial|Shahrul Nizam|Megat Irfan"
)
_FATHERS = split_names(
    "Ismail|Abdullah|Abdul Rahman|Yusof|Othman|Hashim|Kamaruddin|Zainal|Salleh|Mat Isa|"
    "Jamaluddin|Osman|Ibrahim|Che Wan"
)
_CHINESE = split_names("Tan|Lim|Wong|Lee|Ng|Chong|Ong|Goh|Teoh|Yap|Chan|Koh|Low|Cheah|Khoo")
_CHINESE_GIVEN = split_names(
    "Wei Ming|Siew Ling|Kah Hoe|Mei Yee|Chee Keong|Jia Hui|Boon Huat|Pei Shan|Kok Wai|Xin Yi|"
    "Kar Fai|Shu Ting|Zhi Hao|Li Na|Soon Heng|Yoke Lin"
)
_TAMIL = split_names(
    "Kavitha a/p|Suresh a/l|Priya a/p|Ganesan a/l|Thivya a/p|Rajesh a/l|Letchumi a/p|"
    "Vikneswaran a/l|Shanti a/p|Kumaran a/l"
)
_TAMIL_FATHERS = split_names(
    "Muthusamy|Raman|Pillai|Subramaniam|Arumugam|Chandran|Krishnan|Govindasamy|Nair|Perumal"
)
_INDONESIAN = split_names(
    "Dewi|Budi|Putri Ayu|Agus|Rizky|Sri|I Made|Ni Luh Komang|Bambang|Siti|Yohanes|Tuti|Eko|Rina|"
    "Fajar|Indah"
)
_INDONESIAN_LAST = split_names(
    "Lestari|Santoso|Wulandari|Setiawan|Pratama|Wahyuni|Sudarsana|Sari|Hermawan|Harahap|Sitompul|"
    "Nugroho|Susanti|Kusuma|Simanjuntak|Wijaya"
)
_OTHERS = split_names(
    "陈伟明|林美玲|黄志强 (KL)|王小姐|கவிதா முத்துசாமி|ராஜேஷ்|สมชาย ใจดี|สุดารัตน์|محمد علي|نور العين|"
    "佐藤 花子|김민준|Nguyễn Thị Hồng|Maricel dela Cruz|José Ñuñez|Nurul 🌸|Kak Ros Kuih 🍰|"
    "Abang Burger 🍔 SS15|Mak Jah|👩‍👧 Ibu Aisyah|Doña Luz|O'Brien, Síofra"
)
_NICKNAMES = split_names("Aqil|Bro Jeff|Kak Long|Adik|Cikgu Ani|Ustaz Don|Ah Boy|Mr Lim")


def name(rng: Random) -> str:
    """A person's name, of the mixture of people that a Malaysian shop writes to."""
    roll = rng.random()
    if roll < 0.26:
        return f"{_pick(rng, _WOMEN)} binti {_pick(rng, _FATHERS)}"
    if roll < 0.50:
        return f"{_pick(rng, _MEN)} bin {_pick(rng, _FATHERS)}"
    if roll < 0.68:
        return f"{_pick(rng, _CHINESE)} {_pick(rng, _CHINESE_GIVEN)}"
    if roll < 0.76:
        return f"{_pick(rng, _TAMIL)} {_pick(rng, _TAMIL_FATHERS)}"
    if roll < 0.90:
        return f"{_pick(rng, _INDONESIAN)} {_pick(rng, _INDONESIAN_LAST)}"
    if roll < 0.94:
        return f"{_pick(rng, _NICKNAMES)} {2 + int(rng.random() * 8)}"
    return _pick(rng, _OTHERS) if roll < 0.995 else LONG_NAME


# (what a mobile number begins with, how many digits follow): all valid, ten of sixteen Malaysian.
_BLOCKS: Final = (
    ("60122", 6), ("60127", 6), ("6016", 7), ("60193", 6), ("60198", 6), ("60132", 6),
    ("60176", 6), ("60112", 7), ("60113", 7), ("60125", 6), ("62812", 8), ("62857", 8),
    ("62878", 8), ("6591", 6), ("6587", 6), ("6681", 7),
)  # fmt: skip
_STRIDE: Final = 73_939_133  # coprime to 10: no number comes twice within a block
_APART: Final = 46_318_177  # so that neighbours of two blocks end differently


def phone(number: int, salt: int) -> str:
    """The phone of person `number` in plain digits; different for each number below 16 million."""
    nth, block = divmod(number, len(_BLOCKS))
    prefix, width = _BLOCKS[block]
    within = (nth * _STRIDE + block * _APART + salt) % 10**width
    return f"{prefix}{within:0{width}d}"


def spellings(digits: str) -> Sequence[str]:
    """The ways people write one phone, plain digits first; each has the same phone key."""
    country, rest = digits[:2], digits[2:]
    grouped = f"{rest[:2]}-{rest[2:5]} {rest[5:]}"
    everywhere = (
        digits,
        f"+{digits}",
        f"+{country} {grouped}",
        f"{digits}@s.whatsapp.net",
        f"00{digits}",
    )
    return everywhere if country != "60" else (*everywhere, f"0{rest}", f"0{grouped}")


NO_PHONES: Final = (
    "120363041234567890@g.us",
    "123456789012345",
    "tiada nombor",
    "",
    "98765432109876@lid",
    "60 12 CALL ME",
)
"""What stands in phone columns and can't be a phone: group, too long, letters, nothing, LID."""


def _pick(rng: Random, names: Sequence[str]) -> str:
    return names[int(rng.random() * len(names))]
