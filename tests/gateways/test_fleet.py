"""Devices of all kinds in one worker: which gateway a device has, and what is known of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from engine.gateways.fleet import Fleet, platform_of
from engine.gateways.gowa import GowaGateway, GowaHost
from engine.gateways.hosted import WABLAS, HostedGateway
from engine.gateways.hosts import Host
from engine.gateways.protocol import (
    DeviceAddress,
    DeviceState,
    GatewayState,
    GatewayUnavailable,
    Platform,
    Verdict,
)
from tests.gateways.kinds import ALL, GOWA, META, NUMBER_ID, TOKEN, WABLAS_KIND, allow, message
from tests.gateways.scripted import Scripted, host, reply

pytestmark = pytest.mark.anyio

WORDS = {
    "gowa": Platform.GOWA,
    "": Platform.GOWA,
    "WhatsApp Web": Platform.GOWA,
    "Wablas": Platform.WABLAS,
    " WHACENTER ": Platform.WHACENTER,
    "Cloud API": Platform.META,
    "meta": Platform.META,
}


@asynccontextmanager
async def everywhere() -> AsyncIterator[tuple[Fleet, dict[Platform, Scripted]]]:
    """A fleet with one host of each kind."""
    async with (
        host(reply(200, ALL[0].proof)) as a,
        host(reply(200, ALL[1].proof)) as b,
        host(reply(200, ALL[2].proof)) as c,
        host(reply(200, ALL[3].proof)) as d,
    ):
        there = {kind.platform: one for kind, one in zip(ALL, (a, b, c, d), strict=True)}
        fleet = Fleet({kind.platform: kind.make(there[kind.platform].url) for kind in ALL})
        try:
            yield fleet, there
        finally:
            await fleet.close()


def test_what_the_words_of_the_table_mean() -> None:
    assert {word: platform_of(word) for word in WORDS} == WORDS


async def test_each_device_goes_where_its_platform_says() -> None:
    devices = {
        word: DeviceAddress(uuid4(), word, NUMBER_ID if p is Platform.META else f"{TOKEN}-{n}")
        for n, (word, p) in enumerate(WORDS.items())
    }
    async with everywhere() as (fleet, there):
        fleet.know(list(devices.values()))
        for word, device in devices.items():
            before = {p: len(one.seen) for p, one in there.items()}
            answer = await fleet.send(message(device_id=device.device_id), before_write=allow)
            assert (answer.verdict, answer.platform) == (Verdict.SENT, WORDS[word])
            after = {p: len(one.seen) for p, one in there.items()}
            assert [p for p in after if after[p] != before[p]] == [WORDS[word]]
        [request] = there[Platform.WABLAS].seen
        assert request.headers["authorization"] == devices["Wablas"].jid
        for platform, one in there.items():
            if platform is not Platform.WABLAS:
                assert not any(devices["Wablas"].jid in str(seen) for seen in one.seen)


async def test_many_devices_on_many_hosts_of_one_kind() -> None:
    async with (
        host(reply(200, GOWA.proof)) as a,
        host(reply(200, GOWA.proof)) as b,
        host(reply(200, GOWA.proof)) as c,
    ):
        listed = {
            one: {uuid4(): f"{n}-{k}" for k in range(5)} for n, one in enumerate((a.url, b.url))
        }
        hosts = [
            GowaHost(name=f"h{n}", url=u, devices=d) for n, (u, d) in enumerate(listed.items())
        ]
        rest = GowaHost(name="rest", url=c.url, takes_all=True)
        fleet = Fleet({Platform.GOWA: GowaGateway([*hosts, rest])})
        others = [uuid4() for _ in range(5)]
        devices = dict.fromkeys(others, "gowa") | {
            d: "wablas" for one in listed.values() for d in one
        }
        fleet.know([DeviceAddress(d, word, "") for d, word in devices.items()])
        for device in devices:
            answer = await fleet.send(message(device_id=device), before_write=allow)
            assert answer.verdict is Verdict.SENT
        await fleet.close()
    for there, names in (
        (a, {*listed[a.url].values()}),
        (b, {*listed[b.url].values()}),
        (c, {*map(str, others)}),
    ):
        assert {seen.headers["x-device-id"] for seen in there.seen} == names
        assert there.connections == 1, "one after the other, over one connection"


async def test_a_new_token_is_used_without_a_restart() -> None:
    device = uuid4()
    async with everywhere() as (fleet, there):
        for token in ("token-1", "token-2"):
            fleet.know([DeviceAddress(device, "wablas", token)])
            await fleet.send(message(device_id=device), before_write=allow)
        sent = [seen.headers["authorization"] for seen in there[Platform.WABLAS].seen]
    assert sent == ["token-1", "token-2"]


async def test_a_device_that_was_not_read_yet_waits_a_moment() -> None:
    async with everywhere() as (fleet, _):
        answer = await fleet.send(message(device_id=uuid4()), before_write=allow)
    assert (answer.verdict, answer.code, answer.written) == (Verdict.RETRY, "device_unread", False)
    assert answer.wait is not None


async def test_a_platform_without_a_host_stops_the_device() -> None:
    device = uuid4()
    fleet = Fleet({Platform.GOWA: GOWA.make("https://gowa.example")})
    fleet.know([DeviceAddress(device, "Wablas", TOKEN)])
    answer = await fleet.send(message(device_id=device), before_write=allow)
    assert (answer.verdict, answer.code, answer.platform) == (
        Verdict.STOP_DEVICE,
        "not_configured",
        Platform.WABLAS,
    )
    assert TOKEN not in repr(answer)


async def test_the_settings_win_over_the_table() -> None:
    device = uuid4()
    async with host(reply(200, WABLAS_KIND.proof)) as there:
        listed = Host(name="w", url=there.url, devices={device: "listed-token"})
        fleet = Fleet(
            {
                Platform.GOWA: GOWA.make("https://gowa.example"),
                Platform.WABLAS: HostedGateway(WABLAS, [listed]),
            }
        )
        fleet.know([DeviceAddress(device, "gowa", "60123@s.whatsapp.net")])
        answer = await fleet.send(message(device_id=device), before_write=allow)
        await fleet.close()
    assert answer.verdict is Verdict.SENT
    assert there.seen[0].headers["authorization"] == "listed-token"


async def test_states_of_all_kinds_and_one_that_fails_hides_nothing() -> None:
    on, w, m = uuid4(), uuid4(), uuid4()
    addresses = [
        DeviceAddress(on, "gowa", ""),
        DeviceAddress(w, "wablas", TOKEN),
        DeviceAddress(m, "meta", NUMBER_ID),
    ]
    listing = {"code": "SUCCESS", "results": [{"id": str(on), "state": "logged_in"}]}
    hosted = [
        DeviceState(w, GatewayState.UNKNOWN, "wablas", tells=False),
        DeviceState(m, GatewayState.UNKNOWN, "meta", tells=False),
    ]
    async with everywhere() as (fleet, there):
        fleet.know(addresses)
        there[Platform.GOWA].script += [reply(200, listing), reply(500, b"")]
        with_gowa = await fleet.device_states()
        without = await fleet.device_states()
    assert DeviceState(on, GatewayState.ONLINE, "gowa") in with_gowa
    assert len(with_gowa) == 3
    assert sorted(without, key=repr) == sorted(hosted, key=repr)
    alone = Fleet({Platform.GOWA: GOWA.make("http://127.0.0.1:9")})
    with pytest.raises(GatewayUnavailable, match="gowa: "):
        await alone.device_states()


async def test_reconnect_is_asked_of_gowa_alone() -> None:
    gowa, hosted = uuid4(), uuid4()
    done = reply(200, {"code": "SUCCESS", "message": "ok"})

    def status(connected: bool, login: bool) -> bytes:
        said = {"device_id": "x", "is_connected": connected, "is_logged_in": login}
        return reply(200, {"code": "SUCCESS", "results": said})

    async with everywhere() as (fleet, there):
        fleet.know([DeviceAddress(gowa, "", ""), DeviceAddress(hosted, "wablas", TOKEN)])
        there[Platform.GOWA].script += [done, status(True, True)]
        assert (await fleet.reconnect(gowa)).state is GatewayState.ONLINE
        assert [(s.method, s.path) for s in there[Platform.GOWA].seen] == [
            ("POST", f"/devices/{gowa}/reconnect"),
            ("GET", f"/devices/{gowa}/status"),
        ]
        refusal = {"code": "INTERNAL_SERVER_ERROR", "message": f"no such device {TOKEN}"}
        there[Platform.GOWA].script.append(reply(500, refusal))
        with pytest.raises(GatewayUnavailable, match=r"status 500: no such device \(hidden\)"):
            await fleet.reconnect(gowa)
        with pytest.raises(GatewayUnavailable, match="wablas has no such call"):
            await fleet.reconnect(hosted)
        with pytest.raises(GatewayUnavailable, match="no gateway"):
            await fleet.reconnect(uuid4())


def test_names_and_devices_that_two_kinds_have() -> None:
    device = uuid4()
    same = Host(name="gowa", url="https://w.example", takes_all=True)
    listed = Host(name="w", url="https://w.example", devices={device: TOKEN})
    gowa = GowaHost(name="g", url="https://g.example", devices={device: "one"})
    for members in (
        {
            Platform.GOWA: GOWA.make("https://g.example"),
            Platform.WABLAS: HostedGateway(WABLAS, [same]),
        },
        {Platform.GOWA: GowaGateway([gowa]), Platform.WABLAS: HostedGateway(WABLAS, [listed])},
    ):
        with pytest.raises(ValueError, match=r"gowa|listed by") as refused:
            Fleet(members)
        assert TOKEN not in str(refused.value)


async def test_no_secret_in_the_repr_of_a_fleet() -> None:
    fleet = Fleet({kind.platform: kind.make("https://x.example") for kind in (GOWA, META)})
    fleet.know([DeviceAddress(uuid4(), "wablas", TOKEN)])
    assert TOKEN not in repr(fleet) + repr(DeviceAddress(uuid4(), "wablas", TOKEN))
