"""Bad input: one clear line, exit code 2, nothing changed, no secret (DESIGN 8)."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.cli.conftest import Command
from tests.postgres import TestServer
from tests.world import World

CANARY = "canary-7f3e"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_server_down(process: Command) -> None:
    process.environment["SEQCONSOLE_DATABASE_URL"] = f"postgresql://127.0.0.1:{free_port()}/drip"
    assert process("status").is_one_line("cannot reach drip on 127.0.0.1", "Connection refused")


@pytest.mark.parametrize(
    "address",
    [f"postgresql://me:{CANARY}@[", f"host=db {CANARY}", f"postgresql://h/d?nonsense={CANARY}"],
)
def test_an_address_that_cannot_be_read_is_not_repeated(seqconsole: Command, address: str) -> None:
    seqconsole.environment["SEQCONSOLE_DATABASE_URL"] = address
    said = seqconsole("status")
    assert said.is_one_line("the database address cannot be read")
    assert CANARY not in said.err


def test_no_such_database(seqconsole: Command, server: TestServer) -> None:
    seqconsole.environment["SEQCONSOLE_DATABASE_URL"] = server.dsn("nowhere")
    assert seqconsole("status").is_one_line("cannot reach nowhere", "does not exist")


def test_a_database_that_is_not_set_up(
    seqconsole: Command, new_database: Callable[..., str]
) -> None:
    seqconsole.environment["SEQCONSOLE_DATABASE_URL"] = new_database(template="template0")
    assert seqconsole("status").is_one_line("not set up", "`seqconsole migrate`")
    assert seqconsole("pause", "--all").is_one_line("`seqconsole migrate`")
    assert seqconsole("migrate").is_one_line("has none of the tables", "--fresh")


def test_a_database_of_another_version(seqconsole: Command, world: World) -> None:
    world.run("INSERT INTO seqconsole.migrations VALUES (9999, 'x', 'y')")
    assert seqconsole("status").is_one_line("newer than this program", "9999")
    world.run("DELETE FROM seqconsole.migrations WHERE number IN (9999, 9)")
    assert seqconsole("status").is_one_line("older than this program", "`seqconsole migrate`")


def test_a_missing_table(seqconsole: Command, world: World) -> None:
    world.run("DROP TABLE user_devices CASCADE")
    assert seqconsole("status").is_one_line("user_devices")


def test_a_missing_privilege_is_named(
    seqconsole: Command, world: World, server: TestServer
) -> None:
    database = world.value("SELECT current_database()")
    role = f"viewer_{database}"
    world.run(f'CREATE ROLE "{role}" LOGIN')
    try:
        seqconsole.environment["SEQCONSOLE_DATABASE_URL"] = server.dsn(database)
        seqconsole.environment["PGOPTIONS"] = f"-c role={role}"
        assert seqconsole("status").is_one_line("missing privilege", "permission denied for")
        world.run(f'GRANT SELECT ON ALL TABLES IN SCHEMA seqconsole, public TO "{role}"')
        assert seqconsole("status").code == 0
        assert seqconsole("pause", "--all").is_one_line("missing privilege")
    finally:
        world.run(f'DROP OWNED BY "{role}"')
        world.run(f'DROP ROLE "{role}"')


def test_read_only_changes_nothing(seqconsole: Command, world: World) -> None:
    world.device("one")
    assert seqconsole("status", "--read-only").code == 0
    assert seqconsole("pause", "--device", "one", "--read-only").is_one_line("read-only")
    assert seqconsole("worker", "--read-only").is_one_line("--read-only")
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0


def test_things_that_do_not_exist_or_are_not_one(seqconsole: Command, world: World) -> None:
    twins = [world.device("twin"), world.device("twin")]
    assert seqconsole("pause", "--device", "nobody").is_one_line("there is no device 'nobody'")
    said = seqconsole("resume", "--device", "twin")
    assert said.is_one_line("2 devices are named 'twin'", str(twins[0]), str(twins[1]))
    assert seqconsole("pause", "--sequence", "nothing").is_one_line("no sequence 'nothing'")
    assert seqconsole("undo", "77").is_one_line("no operation 77")
    assert seqconsole("journal", "77").is_one_line("no operation 77")
    assert seqconsole("duplicates", "--group", "77").is_one_line("no duplicate group 77")
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0
    assert world.value("SELECT count(*) FROM seqconsole.holds") == 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("pause", "name one kind of thing"),
        ("pause --all --device x", "name one kind of thing"),
        ("pause --device", "expected one argument"),
        ("bogus", "invalid choice"),
        ("engine", "required"),
        ("engine sideways", "invalid choice"),
        ("undo x", "invalid int"),
        ("status --nonsense", "unrecognized arguments"),
        ("status --profile nowhere", "no profile 'nowhere'"),
        ("migrate --timezone Mars/Olympus", "no such time zone"),
        ("migrate --country 0x", "country"),
        ("worker --concurrency 0", "--concurrency"),
        ("worker", "no gateway is configured"),
        ("worker --gateway-url http://198.51.100.7", "this machine only"),
        ("", "needs a terminal"),
        ("demo", "needs a terminal"),
    ],
)
def test_wrong_usage(seqconsole: Command, line: str, words: str) -> None:
    assert seqconsole(*line.split()).is_one_line(words)


def test_no_terminal(process: Command) -> None:
    assert process().is_one_line("the console needs a terminal")


def test_a_password_on_the_command_line_is_refused(seqconsole: Command) -> None:
    for url in (
        f"postgresql://me:{CANARY}@db.example/drip",
        f"postgresql://db.example/drip?password={CANARY}",
        f"host=db.example password={CANARY}",
    ):
        said = seqconsole("status", "--database-url", url)
        assert said.is_one_line("--database-url carries a password", "`ps`", "PGPASSFILE")
        assert CANARY not in said.err


def test_a_password_never_appears(process: Command, world: World, server: TestServer) -> None:
    """The canary is in the environment's URL, in PGPASSWORD and in a reason that a person typed."""
    database = world.value("SELECT current_database()")
    folder = world.value("SELECT current_setting('unix_socket_directories')")
    process.environment["SEQCONSOLE_DATABASE_URL"] = (
        f"host='{folder}' port=5432 user=seqconsole dbname={database} password={CANARY}"
    )
    process.environment["PGPASSWORD"] = CANARY
    world.device("one")
    assert process("status", "--json").code == 0
    process("pause", "--device", "one", "--reason", f"new password={CANARY}")
    assert process("journal", "--json").json[0]["reason"]
    port = free_port()
    process.environment["SEQCONSOLE_DATABASE_URL"] = (
        f"postgresql://me:{CANARY}@127.0.0.1:{port}/drip"
    )
    assert process("status").is_one_line("cannot reach")
    for said in process.all_said:
        assert CANARY not in said.out + said.err
    rows = world.run("SELECT row_to_json(o)::text AS o FROM seqconsole.operations o")
    assert rows
    assert all(CANARY not in row["o"] for row in rows)


def test_the_settings_file_and_its_profiles(seqconsole: Command, dsn: str, tmp_path: Path) -> None:
    del seqconsole.environment["SEQCONSOLE_DATABASE_URL"]
    config = tmp_path / ".config/seqconsole/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(
        f'profile = "here"\n[profiles.here]\ndatabase_url = {json.dumps(dsn)}\n'
        f'[profiles.gone]\ndatabase_url = "postgresql://127.0.0.1:{free_port()}/gone"\n'
        f'[profiles.odd]\ndatabase_uri = "{CANARY}"\n'
    )
    assert seqconsole("status").code == 0
    assert seqconsole("status", "--profile", "gone").is_one_line("cannot reach gone")
    odd = seqconsole("status", "--profile", "odd")
    assert odd.is_one_line("setting database_uri")
    assert CANARY not in odd.err
    config.write_text("profile = ")
    assert seqconsole("status").is_one_line("config.toml is not valid TOML")


def test_libpq_variables_name_the_database(seqconsole: Command, dsn: str) -> None:
    del seqconsole.environment["SEQCONSOLE_DATABASE_URL"]
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    for variable, keyword in (
        ("PGHOST", "host"), ("PGPORT", "port"), ("PGUSER", "user"), ("PGDATABASE", "dbname"),
    ):  # fmt: skip
        seqconsole.environment[variable] = str(parts[keyword])
    assert parts["dbname"] in seqconsole("status", "--json").json["database"]


def test_a_service_names_the_database(seqconsole: Command, dsn: str, tmp_path: Path) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    service = tmp_path / "services"
    lines = [f"{keyword}={value}" for keyword, value in parts.items()]
    service.write_text("\n".join(["[work]", *lines]) + "\n")
    seqconsole.environment["PGSERVICEFILE"] = str(service)
    assert seqconsole("status", "--database-url", "service=work").code == 0
    assert seqconsole("status", "--database-url", "service=play").is_one_line("play")
