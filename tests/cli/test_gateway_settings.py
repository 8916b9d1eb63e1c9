"""Which gateway the settings choose, and that no credential of one is ever shown."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pytest_httpserver import HTTPServer

from engine.gateways.fleet import Fleet
from engine.gateways.gowa import GowaGateway, GowaHost
from engine.gateways.protocol import Platform
from engine.gateways.simulated import SimulatedGateway
from engine.store import Access, Database, Refused
from seqconsole.gateway import fleet_of, gateway_is_configured, open_gateway
from seqconsole.settings import Settings, SettingsError, load
from tests.cli.conftest import Command
from tests.world import World

CANARY = "canary-9b1d"
DEVICE = UUID("5f0c1c2e-8f55-4f0a-9a53-6a3a8f0f6b11")


@pytest.fixture(autouse=True)
def _empty_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def unmark(world: World) -> None:
    world.run("DELETE FROM seqconsole.settings WHERE name = 'mark'")


def simulated(url: str = "http://127.0.0.1:9") -> Settings:
    return load({"gateway_url": url})


def gowa(**given: object) -> Settings:
    return load({"gowa": {"main": {"url": "https://gowa.example"} | given}})


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("mark", "settings", "kind"),
    [
        ("test", simulated(), SimulatedGateway),
        ("demo", simulated(), SimulatedGateway),
        ("demo", gowa(), Refused),
        (None, simulated(), Refused),
        (None, gowa(), Fleet),
        ("test", gowa(), Fleet),
        (None, load({}), Refused),
    ],
)
async def test_which_gateway_a_database_gets(
    dsn: str, world: World, mark: str | None, settings: Settings, kind: type
) -> None:
    unmark(world)
    if mark is not None:
        world.setting("mark", mark)
    async with Database.open(Access(dsn)) as database:
        configured = await gateway_is_configured(database, settings)
        if kind is Refused:
            assert configured is (mark == "demo")
            with pytest.raises(Refused):
                await open_gateway(database, settings)
            return
        assert configured
        gateway = await open_gateway(database, settings)
        assert type(gateway) is kind
        await gateway.close()


@pytest.mark.anyio
async def test_jids_are_read_where_the_settings_say_so_and_tokens_never(
    dsn: str, world: World
) -> None:
    known, hosted = world.device("known"), world.device("hosted")
    world.run("UPDATE user_devices SET jid = '60123456789@s.whatsapp.net' WHERE id = %s", known)
    world.run("UPDATE user_devices SET jid = %s, platform = 'Wablas' WHERE id = %s", CANARY, hosted)
    settings = load({"gowa": gowa().gowa, "gowa_device_ids": "jid"})
    async with Database.open(Access(dsn)) as database:
        gateway = await open_gateway(database, settings)
    assert isinstance(gateway, Fleet)
    member = gateway.members[Platform.GOWA]
    assert isinstance(member, GowaGateway)
    route = member.routes.of(known)
    assert route is not None
    assert route[1] == "60123456789@s.whatsapp.net"
    assert member.routes.named(member.hosts[0]) == {"60123456789@s.whatsapp.net": known}
    await gateway.close()


def test_hosts_come_from_the_file_and_their_passwords_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        "[gowa.main]\nurl = 'https://one.example/base'\nusername = 'ops'\n"
        f"[gowa.second]\nurl = 'https://two.example'\ndevices = {{ '{DEVICE}' = 'sales' }}\n"
    )
    monkeypatch.setenv("SEQCONSOLE_CONFIG", str(path))
    monkeypatch.setenv("SEQCONSOLE_GOWA__MAIN__PASSWORD", CANARY)
    settings = load({})
    first, second = fleet_of(settings).members[Platform.GOWA].hosts
    assert isinstance(first, GowaHost)
    assert (first.name, first.url, first.username) == ("main", "https://one.example/base", "ops")
    assert (first.password, first.takes_all, first.devices) == (CANARY, True, {})
    assert (second.name, second.takes_all, second.devices) == ("second", False, {DEVICE: "sales"})
    assert CANARY not in repr((settings, first, second)) + str(settings)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"url": "http://gowa.example"}, "plain http"),
        ({"url": f"https://me:{CANARY}@gowa.example"}, "username and password"),
        ({"password": CANARY}, "a password needs a username"),
        ({"token": CANARY}, "gowa.main.token"),
        ({"devices": {CANARY: "one"}}, "gowa.main.devices"),
        ({"devices": {str(uuid4()): ""}}, "gowa.main.devices"),
    ],
)
def test_hosts_that_cannot_be_used_are_named_without_their_secrets(
    given: dict[str, object], words: str
) -> None:
    with pytest.raises(SettingsError, match=words) as refused:
        fleet_of(gowa(**given))
    if "devices" not in given:
        assert CANARY not in str(refused.value)


def test_a_variable_that_is_no_json_is_named_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SEQCONSOLE_GOWA", CANARY)
    with pytest.raises(SettingsError, match="setting gowa cannot be read") as refused:
        load({})
    assert CANARY not in str(refused.value)


def test_engine_on_and_worker_on_a_real_database(
    process: Command, world: World, httpserver: HTTPServer
) -> None:
    """Switched on once a host is configured; nothing that is printed has its password."""
    unmark(world)
    world.device()
    assert process("worker").is_one_line("no gateway is configured", "SEQCONSOLE_GOWA__MAIN__URL")
    process.environment |= {
        "SEQCONSOLE_GOWA__MAIN__URL": httpserver.url_for("/"),
        "SEQCONSOLE_GOWA__MAIN__USERNAME": "ops",
        "SEQCONSOLE_GOWA__MAIN__PASSWORD": CANARY,
    }
    done = process("engine", "on", "--now", "--json")
    assert done.code == 0, done.err
    assert world.value("SELECT seqconsole.setting('engine')") == "on"
    assert all(CANARY not in said.out + said.err for said in process.all_said)
