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
_CHINESE = split_names(
    "Tan Wei Ming|Lim Siew Ling|Wong Kah Hoe|Lee Mei Yee|Ng Chee Keong|Chong Jia Hui|Ong Boon Huat|"
    "Goh Pei Shan|Teoh Kok Wai|Yap Xin Yi|Chan Kar Fai|Koh Shu Ting"
)
_TAMIL = split_names(
    "Kavitha a/p Muthusamy|Suresh a/l Raman|Priya Nair|Ganesan Pillai|Thivya Subramaniam|"
    "Rajesh Kumar|Letchumi a/p Arumugam|Vikneswaran a/l Chandran"
)
_INDONESIAN = split_names(
    "Dewi Lestari|Budi Santoso|Putri Ayu Wulandari|Agus Setiawan|Rizky Pratama|Sri Wahyuni|"
    "I Made Sudarsana|Ni Luh Komang Sari|Bambang Hermawan|Siti Nurhaliza Harahap|Yohanes Sitompul|"
    "Tuti"
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
        return _pick(rng, _CHINESE)
    if roll < 0.76:
        return _pick(rng, _TAMIL)
    if roll < 0.90:
        return _pick(rng, _INDONESIAN)
    if roll < 0.94:
        return f"{_pick(rng, _NICKNAMES)} {2 + int(rng.random() * 8)}"
    return _pick(rng, _OTHERS) if roll < 0.995 else LONG_NAME


# (what a mobile number begins with, how many digits follow): all valid, ten of sixteen Malaysian.
_BLOCKS: Final = (
    ("60122", 6), ("60127", 6), ("6016", 7), ("60193", 6), ("60198", 6), ("60132", 6),
    ("60176", 6), ("60112", 7), ("60113", 7), ("60125", 6), ("62812", 8), ("62857", 8),
    ("62878", 8), ("6591", 6), ("6587", 6), ("6681", 7),
)  # fmt: skip
_STRIDE: Final = 739_391  # coprime to 10: no number comes twice within a block


def phone(number: int, salt: int) -> str:
    """The phone of person `number` in plain digits; different for each number below 16 million."""
    prefix, width = _BLOCKS[number % len(_BLOCKS)]
    within = (number // len(_BLOCKS) * _STRIDE + salt) % 10**width
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
