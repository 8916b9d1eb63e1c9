"""What is typed: bytes that are no text, as a paste or a noisy line sends them, end nothing."""

from __future__ import annotations

import codecs
import os
import selectors
from contextlib import suppress

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver


class Keyboard(LinuxDriver):
    """Textual's driver, whose own reading ends for good at the first byte that is not UTF-8."""

    def run_input_thread(self) -> None:
        """Read keys until the end; what is no text arrives as a replacement character."""
        parser = XTermParser(self._debug)
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    typed = self._typed()
                    if not typed:
                        break
                    text = decoder.decode(typed)
                    for message in parser.feed(text) if text else ():
                        self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)
        with suppress(EOFError, ParseError):
            list(parser.feed(""))

    def _typed(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:  # the terminal is gone, and SIGHUP is on its way
            return b""

    def resume_application_mode(self) -> None:
        """Go on after a stop. A closing terminal sends SIGCONT without one: that starts no second thread."""
        if self._key_thread is None or not self._key_thread.is_alive():
            super().resume_application_mode()
