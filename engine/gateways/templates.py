"""A template as a step names it: `NAME LANGUAGE`, then a line for each parameter of its body. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from engine.gateways.media import file_name

LONGEST_PARAMETER: Final = 1024
MOST_PARAMETERS: Final = 50
_FIRST: Final = re.compile(r"([a-z0-9_]{1,512})[ \t]+([a-z]{2,3}(_[A-Z]{2})?)")
_VIDEO: Final = (".mp4", ".3gp")
_IMAGE: Final = (".jpg", ".jpeg", ".png", ".webp")


class NoTemplate(ValueError):
    """Why a text names no template, for the operator."""


@dataclass(frozen=True, slots=True)
class Template:
    """An approved template, its language, and what stands in its body."""

    name: str
    language: str
    parameters: tuple[str, ...]


def parse_template(text: str) -> Template:
    """The template that a step's text names. Raises NoTemplate."""
    lines = text.strip().splitlines()
    first = _FIRST.fullmatch(lines[0].strip()) if lines else None
    if first is None:
        raise NoTemplate("the first line must be the template's name and language: welcome_1 en_US")
    parameters = tuple(line.strip() for line in lines[1:])
    if len(parameters) > MOST_PARAMETERS:
        raise NoTemplate(f"a template has at most {MOST_PARAMETERS} parameters, one a line")
    for number, parameter in enumerate(parameters, start=1):
        if not parameter:
            raise NoTemplate(f"parameter {number} is empty")
        if len(parameter) > LONGEST_PARAMETER or not parameter.isprintable():
            raise NoTemplate(f"parameter {number} is too long or holds a control character")
    return Template(first[1], first[2], parameters)


def as_json(template: Template, url: str) -> dict[str, Any]:
    """The template as the Cloud API takes it; `url`: the media of its header, if it has one."""
    components: list[dict[str, Any]] = []
    if url:
        components.append({"type": "header", "parameters": [_header(url)]})
    if template.parameters:
        texts = [{"type": "text", "text": parameter} for parameter in template.parameters]
        components.append({"type": "body", "parameters": texts})
    made: dict[str, Any] = {"name": template.name, "language": {"code": template.language}}
    return made | ({"components": components} if components else {})


def _header(url: str) -> dict[str, Any]:
    name = file_name(url).lower()
    if name.endswith(_VIDEO):
        return {"type": "video", "video": {"link": url}}
    if name.endswith(_IMAGE):
        return {"type": "image", "image": {"link": url}}
    return {"type": "document", "document": {"link": url, "filename": file_name(url)}}
