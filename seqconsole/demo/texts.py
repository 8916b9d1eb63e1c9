"""What the demo's sequences and campaigns say, and what its places are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class SequencePlan:
    """A sequence on paper; `delays` are the hours before each step, None as in a NULL column."""

    name: str
    trigger: str
    delays: tuple[int | None, ...]


SEQUENCES: Final = (
    SequencePlan("Welcome", "welcome", (0, 24, 2, 48, None)),
    SequencePlan("Renewal", "renewal", (1, 72, 24, 24)),
    SequencePlan("COLD Vitac", "cold_vitac", (None, 24, 48, 24, 72, 0, 24)),
    SequencePlan("Promo Raya 🌙", "promo_raya", (0, 6, 24)),
    SequencePlan("After Sales", "after_sales", (2, 0, 24, 72, None, 120)),
    SequencePlan("Sambut Ahli Baru", "ahli_baru", (0, 12, 24, 48)),
    SequencePlan("Reorder 30 Hari", "reorder", (24, 24, 48, None)),
    SequencePlan("新年优惠", "cny", (0, 24, 24)),
    SequencePlan("HOT Collagen", "hot_collagen", (0, 3, 24, 24, 48)),
    SequencePlan("Webinar Bisnis Online", "webinar", (0, 1, 24, 24, 0, 48)),
    SequencePlan("WARM Vitac", "warm_vitac", (None, None, 24, 24)),
    SequencePlan("Birthday", "birthday", (0, 48, 72)),
)

STEP_TEXTS: Final = (
    "Hi {name}, terima kasih sudi mendaftar! 😊",
    "Salam {name}, ini kak Ros. Ada apa-apa soalan, balas saja di sini ya.",
    "{name}, here is the small guide we promised. It takes five minutes to read.",
    "Hi {name}, just checking in. Is everything all right with your order?",
    "Selamat pagi {name}! Hari ini ada tips ringkas untuk anda.",
    "{name} 您好，谢谢您的支持。有问题随时联系我们。",
    "Hai {name}, stok baru sudah sampai. Mau kami simpankan satu untuk kakak?",
    "Dear {name}, your membership is due next week. Reply 1 to renew.",
    "{name}, harga promosi tamat malam ini jam 11:59. Nak saya tolong buat tempahan?",
    "Hi {name}, how was it so far? We would love to hear from you.",
    "Terima kasih {name}. Jumpa lagi minggu depan, insya-Allah 🌙",
    "வணக்கம் {name}, உங்கள் ஆதரவுக்கு நன்றி.",
)

CAMPAIGN_TEXTS: Final = (
    "Hi {name}, kedai kami tutup Isnin ini. Buka semula Selasa 10 pagi.",
    "{name}, free delivery this weekend for every order above RM50.",
    "Salam {name}, jemputan ke majlis rumah terbuka kami, Sabtu 11 pagi.",
    "Halo {name}, katalog bulan ini sudah terbit. Balas KATALOG untuk menerima.",
)

FAILURES: Final = (
    "Phone is not on whatsapp",
    "Phone is not on whatsapp",
    "you are not logged in",
    "you are not logged in",
    "device not connected",
    "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
    "HTTP 503 Service Unavailable",
    "websocket: close 1006 (abnormal closure): unexpected EOF",
)


def split_names(text: str) -> tuple[str, ...]:
    """The names of a list that is written with bars between them."""
    return tuple(text.split("|"))


TOWNS: Final = split_names(
    "Shah Alam|Penang|Johor Bahru|Kuala Lumpur|Kota Kinabalu|Kuching|Melaka|Seremban|Kuantan|"
    "Alor Setar|Kota Bharu|Subang Jaya|Petaling Jaya|Cheras|Bangi|Kajang|Miri|Sibu|Tawau|"
    "Batu Pahat|Muar|Taiping|Sungai Petani|Kulim|Rawang|Gombak|Putrajaya|Jakarta|Bandung|"
    "Surabaya|Medan|Yogyakarta|Denpasar|Tampines|Jurong East|Woodlands|吉隆坡|Kedai Kak Ros 🌸|"
    "Hat Yai|Bandar Seri Begawan"
)

DEVICE_ROLES: Final = ("Sales", "HQ", "Support", "Booking", "Admin", "Promo")
