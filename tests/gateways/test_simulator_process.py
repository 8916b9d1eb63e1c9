"""The simulator as a process: its options, its ends, its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from engine.gateways.simulated import SimulatedGateway
from engine.gateways.simulator.options import Options, parse
from engine.gateways.simulator.process import SimulatedGatewayProcess
from tests.gateways.simulation import allow, message, simulator

pytestmark = pytest.mark.anyio


async def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    async with simulator(tmp_path) as (process, _):
        second = SimulatedGatewayProcess(
            Options(tmp_path / "second.log", port=process.options.port)
        )
        with pytest.raises(RuntimeError, match=r"did not start: simulated gateway: .*in use"):
            await second.start()


@pytest.mark.parametrize("wrong", [["--latency=5:1"], ["--fail=2"], ["--devices-file=/nowhere"]])
async def test_wrong_options_end_with_2(wrong: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([f"--log={tmp_path / 'log'}", *wrong])
    assert ended.value.code == 2


def test_sigterm_ends_it_cleanly(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "engine.gateways.simulator", f"--log={tmp_path / 'log'}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, b"")


def spawn(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.PIPE)


PARENT = """
import sys
from pathlib import Path
import anyio
from engine.gateways.simulator.options import Options
from engine.gateways.simulator.process import SimulatedGatewayProcess

async def main() -> None:
    async with SimulatedGatewayProcess(Options(Path(sys.argv[1]))) as process:
        print(process.url, flush=True)
        await anyio.sleep_forever()

anyio.run(main)
"""


async def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "log")]
    with spawn(command) as parent:
        assert parent.stdout is not None
        gateway = SimulatedGateway(parent.stdout.readline().decode().strip())
        assert await gateway.device_states() == []
        os.kill(parent.pid, signal.SIGKILL)
    with anyio.fail_after(10):
        while True:
            answer = await gateway.send(message(1), before_write=allow)
            if not answer.written:
                break
            await anyio.sleep(0.01)
    assert answer.code == "connect_failed"
    await gateway.close()
