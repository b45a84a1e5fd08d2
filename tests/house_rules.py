"""The house rules, each a function from a file's path and text to what is wrong in it."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 60
PARAMETERS = 6

VENDORS = ("twilio", "gemini", "elevenlabs", "deepgram", "openai", "exotel")
VENDORS_ARE_NAMED_IN = ("settings.py", "phone", "tests", "benchmarks")
LAST_NETS = ("app.py", "transports/duplex.py", "campaigns/dialer.py", "commands.py")
PRINTERS = ("commands.py", "phone/terminal.py", "benchmarks")
VAGUE = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"}
LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical"}
# Keys of a log record that would hold what somebody said, or who it was.
PERSONAL = {
    "speech", "said", "heard", "utterance", "transcript", "text", "digits", "value", "values",
    "number", "caller", "caller_number", "phone_number", "to", "from_", "slots", "form", "body",
}  # fmt: skip

Function = ast.FunctionDef | ast.AsyncFunctionDef


def is_in(path: Path, places: tuple[str, ...]) -> bool:
    """Whether the file is one of the places or lies in one."""
    return any(path.is_relative_to(place) for place in places)


def too_large(path: Path, text: str) -> list[str]:
    """Files, functions and parameter lists past the size law."""
    problems = []
    lines = len(text.splitlines())
    if lines > FILE_LINES:
        problems.append(f"{path} has {lines} lines")
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, Function):
            continue
        long = (node.end_lineno or node.lineno) - node.lineno + 1
        if long > FUNCTION_LINES:
            problems.append(f"{path}:{node.lineno} {node.name} has {long} lines")
        wide = _parameters(node)
        if wide > PARAMETERS and not is_in(path, ("tests",)):
            problems.append(f"{path}:{node.lineno} {node.name} has {wide} parameters")
    return problems


def _parameters(function: Function) -> int:
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    own = 1 if names[:1] in (["self"], ["cls"]) else 0
    return len(names) - own + len(function.args.kwonlyargs)


def reads_environment(path: Path, text: str) -> list[str]:
    """Environment variables read anywhere but in the settings."""
    if is_in(path, ("settings.py", "tests", "benchmarks")):
        return []
    wanted = {"environ", "environb", "getenv", "putenv"}
    return [
        f"{path}:{node.lineno} reads the environment: make it a setting"
        for node in ast.walk(ast.parse(text))
        if (isinstance(node, ast.Attribute) and _says(node.value, "os") and node.attr in wanted)
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and wanted & {alias.name for alias in node.names}
        )
        or (isinstance(node, ast.ImportFrom) and node.module == "dotenv")
        or (isinstance(node, ast.Import) and any(one.name == "dotenv" for one in node.names))
    ]


def names_a_vendor(path: Path, text: str) -> list[str]:
    """Vendors named in code: names, imports and texts. Docstrings and comments may."""
    if is_in(path, VENDORS_ARE_NAMED_IN) or _is_registry(path):
        return []
    own = {part.removesuffix(".py") for part in path.parts[2:]} if path.parts else set()
    foreign = [
        vendor
        for vendor in VENDORS
        if not (path.parts[0] == "providers" and any(vendor in part for part in own))
    ]
    documented = set(_docstring_lines(text))
    return [
        f"{path}:{token.start[0]} names {vendor}"
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type != tokenize.COMMENT and token.start[0] not in documented
        for vendor in foreign
        if vendor in token.string.lower()
    ]


def _is_registry(path: Path) -> bool:
    return len(path.parts) == 3 and path.parts[0] == "providers" and path.name == "__init__.py"


def _docstring_lines(text: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, Function)) and ast.get_docstring(node):
            first = node.body[0]
            yield from range(first.lineno, (first.end_lineno or first.lineno) + 1)


def catches_everything(path: Path, text: str) -> list[str]:
    """`except` without a class or with one that swallows bugs, but for the last nets."""
    if is_in(path, LAST_NETS):
        return []
    problems = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.ExceptHandler(type=None):
                problems.append(f"{path}:{node.lineno} catches everything")
            case ast.ExceptHandler(type=caught) if caught and _is_broad(caught):
                problems.append(f"{path}:{node.lineno} catches every error")
            case ast.Call(func=func, args=args) if _last(func) == "suppress":
                if any(_is_broad(one) for one in args):
                    problems.append(f"{path}:{node.lineno} suppresses every error")
    return problems


def _is_broad(caught: ast.expr) -> bool:
    parts = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(_last(part) in {"Exception", "BaseException"} for part in parts)


def prints(path: Path, text: str) -> list[str]:
    """Output on the terminal from where nobody looks at one."""
    if is_in(path, PRINTERS):
        return []
    return [
        f"{path}:{node.lineno} prints"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and _last(node.func) in {"print", "pprint"}
    ]


def has_a_vague_name(path: Path, text: str) -> list[str]:
    """Files and folders named after nothing."""
    parts = {part.removesuffix(".py").lower() for part in path.parts}
    return [f"{path} is called {part}: say what is in it" for part in sorted(parts & VAGUE)]


def patches(path: Path, text: str) -> list[str]:
    """Tests that change the code under test instead of handing it something else."""
    problems = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(value=ast.Name(id="monkeypatch"), attr=attr) if attr not in {
                "setenv",
                "delenv",
            }:
                problems.append(f"{path}:{node.lineno} patches: monkeypatch.{attr}")
            case ast.ImportFrom(module="unittest.mock" | "mock"):
                problems.append(f"{path}:{node.lineno} mocks")
            case ast.ImportFrom(module="unittest", names=names) if _has(names, "mock"):
                problems.append(f"{path}:{node.lineno} mocks")
            case ast.Import(names=names) if _has(names, "unittest.mock") or _has(names, "mock"):
                problems.append(f"{path}:{node.lineno} mocks")
            case ast.arg(arg="mocker"):
                problems.append(f"{path}:{node.lineno} mocks")
    return problems


def logs_loosely(path: Path, text: str) -> list[str]:
    """Log lines whose message is not fixed, or that hold personal values under a plain key."""
    if is_in(path, ("tests", "benchmarks")):
        return []
    problems = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Attribute(value=target, attr=method), args=args) if (
                method in LOG_METHODS and _last(target) in {"log", "logger", "logging"}
            ):
                if len(args) != 1 or not _is_text(args[0]):
                    problems.append(f"{path}:{node.lineno} values go into extra, not the message")
                problems += [
                    f"{path}:{node.lineno} logs {key}: call it pii_{key}"
                    for keyword in node.keywords
                    if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict)
                    for key in map(_text_of, keyword.value.keys)
                    if key in PERSONAL
                ]
    return problems


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _text_of(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _says(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _last(node: ast.expr) -> str:
    """The last word of a dotted name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _has(names: list[ast.alias], wanted: str) -> bool:
    return any(alias.name == wanted for alias in names)
