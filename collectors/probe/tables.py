"""What an unknown address or file holds, as a table of texts, and the settings under which a collector reads it.

CSV, workbooks, JSON and GeoJSON (flattened: columns are JMESPath), Open311 in JSON or XML. Reads at most ``MAX_ROWS``.
"""

import csv
import io
import re
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from python_calamine import CalamineError, CalamineWorkbook

from city.model import MissingFile, NotUnderstood, UnreadableFile
from collectors import open311
from collectors.http import Session, json_of, place
from collectors.probe.trees import flat, history, is_ckan, paging, records_of, text_of

#: Enough to meet every word of a status; a file of millions is not read whole to be looked at.
MAX_ROWS = 20_000
#: In the place of an address that only the reader of a proposal knows.
UNKNOWN_URL = "https://fill-in.invalid/"
_NO_XML = "XML or HTML that is not Open311; no collector reads it by mapping"
_OTHER = "ask for JSON or CSV (often ?format=json); the warnings of BMKG are read by the collector bmkg"
_SECRET = re.compile(r"key|token|secret|passw|sandi|auth|signature", re.IGNORECASE)


@dataclass
class Sample:
    """``rows`` of texts under ``columns``, and the collector with the settings that reads them."""

    columns: list[str]
    rows: list[list[str]]
    collector: str
    args: dict[str, Any]
    #: For the person who reads the proposal; never with a word of the rows.
    remarks: list[str] = field(default_factory=list)
    #: The same records with one row per element of a list in them, where there is such a list.
    exploded: "Sample | None" = None

    def without(self, *names: str) -> "Sample":
        """The same without some columns."""
        kept = [at for at, name in enumerate(self.columns) if name not in names]
        rows = [[row[at] for at in kept] for row in self.rows]
        return replace(self, columns=[self.columns[at] for at in kept], rows=rows)


def of_file(path: Path) -> Sample:
    """The table in a file. Raises MissingFile, UnreadableFile or NotUnderstood."""
    if not path.is_file():
        raise MissingFile("the file is not there", where=path.name)
    content = path.read_bytes()
    if not content.strip():
        raise UnreadableFile("the file is empty", where=path.name)
    found = of_content(content, path.name, UNKNOWN_URL)
    if found.collector == "csv_file":
        found.args = {"path": str(path)} | found.args
    else:
        found.remarks.append("a file of this form is read by no collector: fill in the address that answers it")
    return found


def of_address(url: str, session: Session, headers: dict[str, str]) -> Sample:
    """The table an address answers with. Raises the SourceErrors of the session, or NotUnderstood."""
    content, answered = session.answer(url, headers=headers)
    found = of_content(content, place(url), url, 'rel="next"' in answered.get("Link", ""))
    if found.collector == "csv_file":
        address, query, secrets = split_address(url)
        asked = "&".join(
            f"{name}=${{{secrets[name]}}}" if name in secrets else urlencode({name: query[name]}) for name in query
        )
        found.args = {"url": f"{address}?{asked}" if asked else address} | found.args
    return found


def of_content(content: bytes, where: str, url: str, linked: bool = False) -> Sample:
    """The table in ``content``; ``linked``: the headers named a next page."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return _workbook(content, where)
    if start in (b"{", b"["):
        return _json(json_of(content.removeprefix(b"\xef\xbb\xbf"), where), where, url, linked)
    if start == b"<":
        return _xml(content, where, url)
    return _csv(content, where)


def split_address(url: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """The address without its query; its query; the names of secrets in it, with the variable that should hold each."""
    query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    secrets = {name: re.sub(r"\W", "_", name).upper() for name in query if _SECRET.search(name)}
    return place(url), query, secrets


def _csv(content: bytes, where: str) -> Sample:
    text, encoding = _decoded(content, where)
    lines = text.splitlines()
    delimiter = max(",;\t|", key=lines[0].count)
    try:
        table = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), MAX_ROWS + 1))
    except csv.Error as error:
        raise UnreadableFile("not a table of columns", where=where) from error
    if delimiter not in lines[0] or len(table) < 2:
        raise UnreadableFile("neither a table with a header and rows, nor JSON, XML or a workbook", where=where)
    found = _tabular(table, {"encoding": encoding} if encoding == "cp1252" else {})
    if delimiter != ",":
        found.args["delimiter"] = delimiter
    return found


def _decoded(content: bytes, where: str) -> tuple[str, str]:
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        if encoding == "utf-16" and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            return content.decode(encoding), encoding
        except UnicodeError:
            continue
    raise UnreadableFile("text in no known encoding, or no text at all", where=where)


def _workbook(content: bytes, where: str) -> Sample:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        page = book.get_sheet_by_index(0)
    except (CalamineError, ValueError, LookupError, OSError) as error:
        raise UnreadableFile("not a readable workbook", where=where) from error
    table = [[text_of(cell) for cell in row] for row in islice(page.iter_rows(), MAX_ROWS + 1)]
    if len(table) < 2:
        raise UnreadableFile("the first sheet has no header with rows under it", where=where)
    others = book.sheet_names[1:]
    found = _tabular(table, {"sheet": book.sheet_names[0]} if others else {})
    if others:
        found.remarks.append(f"{len(others)} more sheets are not looked at")
    return found


def _tabular(table: list[list[str]], args: dict[str, Any]) -> Sample:
    header = [name.strip() for name in table[0]]
    rows = [row for row in table[1:] if len(row) == len(header) and any(row)]
    found = Sample(header, rows, "csv_file", dict(args))
    if len(rows) < 0.9 * (len(table) - 1):
        found.remarks.append("many rows are not as long as the header: is the header in the first row?")
    return found


def _xml(content: bytes, where: str, url: str) -> Sample:
    try:
        rows = open311.rows_of(content, "xml", where)
    except NotUnderstood as error:
        raise NotUnderstood(_NO_XML, where=where, next_step=_OTHER) from error
    found = _open311(rows, url, "xml")
    if found is None:
        raise NotUnderstood(_NO_XML, where=where, next_step=_OTHER)
    return found


def _open311(rows: list[dict[str, Any]], url: str, form: str) -> Sample | None:
    names = set().union(*rows) if rows else set()
    if not ({"service_request_id", "requested_datetime"} <= names or {"service_code", "service_name"} <= names):
        return None
    address, query, _ = split_address(url)
    base = re.sub(r"/(requests|services)(/[^/]*)?(\.(json|xml))?$", "", address)
    args: dict[str, Any] = {"url": base} | ({} if form == "json" else {"format": form})
    if "jurisdiction_id" in query:
        args["jurisdiction_id"] = query["jurisdiction_id"]
    if "api_key" in query:
        args["api_key"] = "${API_KEY}"
    columns = sorted(names)
    return Sample(columns, [[text_of(row.get(name)) for name in columns] for row in rows], "open311", args)


def _json(answer: Any, where: str, url: str, linked: bool) -> Sample:
    path, records = records_of(answer)
    if not records:
        raise NotUnderstood("JSON without any list of records", where=where)
    lowered = [{name.lower(): value for name, value in record.items()} for record in records]
    if found := _open311(lowered, url, "json"):
        return found
    if is_ckan(answer):
        return _ckan(records, url)
    address, query, secrets = split_address(url)
    pages, counted = paging(answer, path, query, linked)
    asked = {name: value for name, value in query.items() if name not in counted}
    args: dict[str, Any] = {"url": address}
    args |= (
        {"query": {name: f"${{{secrets[name]}}}" if name in secrets else asked[name] for name in asked}}
        if asked
        else {}
    )
    args |= ({"paging": pages} if pages else {}) | ({"records": path} if path != "@" else {})
    found = _sample(records[:MAX_ROWS], args)
    if each := history(records):
        rows = [record | {"each": one} for record in records[:MAX_ROWS] for one in record.get(each) or []]
        found.exploded = _sample(rows, args | {"each": each})
    if isinstance(answer, dict) and answer.get("type") == "FeatureCollection":
        found = found.without("type", "geometry.type")
    if isinstance(answer, dict) and "Infogempa" in answer:
        found.remarks.append("the collector bmkg knows this service")
    return found


def _ckan(records: list[dict[str, Any]], url: str) -> Sample:
    """Its columns are plain names; the collector turns the pages itself."""
    address, query, _ = split_address(url)
    columns = list(dict.fromkeys(name for record in records for name in record))
    rows = [[text_of(record.get(name)) for name in columns] for record in records[:MAX_ROWS]]
    args = {"url": address.partition("/api/")[0], "resource": query.get("resource_id", "fill-in")}
    return Sample(columns, rows, "ckan", args)


def _sample(records: list[dict[str, Any]], args: dict[str, Any]) -> Sample:
    found = [flat(record) for record in records]
    columns = list(dict.fromkeys(name for record in found for name in record))
    return Sample(columns, [[record.get(name, "") for name in columns] for record in found], "json_api", args)
