"""The daily brief on its way: real mail servers in every mood, a real webhook, never twice for a day."""

import json
import logging
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from city.brief_settings import BriefSettings
from city.times import instant
from collectors.signed import genuine
from front.brief_kept import Made
from front.deliveries import Deliveries
from tests import builders
from tests.dashboard.screens import free_port
from tests.front.letterbox import Hook, Mails, mail_server, only, webhook

ZONE = builders.config().region.zone
SEVEN = instant("2026-11-24 07:00", ZONE)
FORMS = {"text": "Skor 96,0 · biasanya\n".encode(), "html": b"<p>Skor 96,0 &amp; biasanya</p>\n",
         "pdf": b"%PDF-1.4 body"}  # fmt: skip


def made(language: str = "id", day: str = "2026-11-23", forms: Any = None) -> Made:
    return Made(day, language, "Ringkasan harian Kota Jambi, Senin", forms or FORMS)


class Office:
    """Deliveries with a clock that is moved by hand, and how often a brief was made."""

    def __init__(self, data: Path, env: Any = None, **brief: Any) -> None:
        self.data, self.env, self.brief = data, env or {}, brief
        self.now, self.read = SEVEN, 0
        self.start()

    def start(self) -> None:
        """As after a restart: only the files know what was."""
        config = builders.config(brief=BriefSettings.model_validate(self.brief))
        self.deliveries = Deliveries(config, self.data / "briefs", self.data, self.env, lambda: self.now)
        self.languages = self.brief.get("languages") or ["id"]

    def make(self, at: datetime) -> list[Made]:
        self.read += 1
        return [made(language) for language in self.languages]

    def minute(self, minutes: float = 0) -> None:
        self.now += timedelta(minutes=minutes)
        self.deliveries.due(self.make)

    def known(self) -> Any:
        return json.loads((self.data / "briefs" / "2026-11-23.json").read_text())


def email(port: int, **more: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": port, "starttls": False, "from": "kendali@example.go.id",
            "to": ["wakil@example.go.id"]} | more  # fmt: skip


def test_a_letter_holds_text_html_and_pdf_and_is_parsed_back(tmp_path):
    mails = Mails()
    with mail_server(mails) as port:
        Office(tmp_path, email=email(port)).minute()
    ((sender, receivers, raw),) = mails.taken
    assert (sender, receivers) == ("kendali@example.go.id", ["wakil@example.go.id"])
    letter = message_from_bytes(raw, policy=policy.default)
    assert letter["Subject"] == "Ringkasan harian Kota Jambi, Senin"
    assert letter["Date"].datetime == SEVEN
    assert letter["Auto-Submitted"] == "auto-generated"
    text, page = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert page is not None
    assert text.get_content().replace("\r\n", "\n") == FORMS["text"].decode()
    assert page.get_content().replace("\r\n", "\n") == FORMS["html"].decode()
    (pdf,) = letter.iter_attachments()
    assert (pdf.get_content_type(), pdf.get_filename()) == ("application/pdf", "15.71-2026-11-23-id.pdf")
    assert pdf.get_content() == FORMS["pdf"]


def test_it_goes_out_from_its_time_on_once_and_not_again_after_a_restart(tmp_path):
    mails = Mails()
    with mail_server(mails) as port:
        office = Office(tmp_path, email=email(port), folder="out")
        office.now = SEVEN - timedelta(minutes=1)
        office.minute()
        assert not mails.taken
        office.minute(1)
        office.minute(1)
        office.start()
        office.minute(600)
        assert (len(mails.taken), office.read) == (1, 1)
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
            f"brief-2026-11-23-id.{form}" for form in ("html", "pdf", "txt")
        ]
        office.now = SEVEN + timedelta(days=1, hours=3)  # it was off at seven: what was missed goes out late
        office.minute()
        assert (len(mails.taken), office.read) == (2, 2)
    assert (tmp_path / "briefs").stat().st_mode & 0o077 == 0


def test_greylisting_is_waited_out_with_longer_and_longer_pauses_and_the_same_letter(tmp_path, caplog):
    mails = Mails()
    mails.answers = ["451 greylisted, come back later"] * 3
    caplog.set_level(logging.INFO, "kendali.brief")
    with mail_server(mails) as port:
        office = Office(tmp_path, email=email(port))
        office.minute()
        for waits, left in ((0.5, 2), (0.5, 1), (1.9, 1), (0.2, 0), (3.8, 0)):
            office.minute(waits)
            assert len(mails.answers) == left
        assert not mails.taken
        office.start()  # the pause outlives a restart
        office.minute(0.3)
    assert len(mails.taken) == 1
    assert office.read == 1  # it says what the first try said
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2  # once that it failed, once that it is there
    assert "does not take the letter yet (451)" in told[0]
    assert "was sent (email id wakil@example.go.id)" in told[1]


def test_a_dead_server_holds_up_nobody_else_and_gets_it_when_it_is_back(tmp_path, caplog):
    hook, mails, port = Hook(), Mails(), free_port()
    with webhook(hook) as url:
        office = Office(tmp_path, email=email(port), webhook={"url": url})
        office.minute()
        assert len(hook.got) == 1
        assert f"mail server 127.0.0.1:{port} does not answer (ConnectionRefusedError)" in caplog.text
        assert office.known()["email id wakil@example.go.id"]["tries"] == 1
        with mail_server(mails, port):
            office.minute(1)
        assert len(mails.taken) == len(hook.got) == 1
    assert "sent_at" in office.known()["email id wakil@example.go.id"]


def test_one_refused_receiver_does_not_keep_it_from_the_others(tmp_path, caplog):
    mails = Mails()
    with mail_server(mails) as port:
        office = Office(tmp_path, email=email(port, to=["nobody@example.go.id", "sekda@example.go.id"]))
        office.minute()
        office.minute(1)
    assert [to for _, (to,), _ in mails.taken] == ["sekda@example.go.id"]
    assert "does not take the recipient (550)" in caplog.text


def test_without_starttls_where_it_is_wanted_nothing_is_sent(tmp_path, caplog):
    mails = Mails()
    with mail_server(mails) as port:
        Office(tmp_path, email=email(port, starttls=True)).minute()
    assert not mails.taken
    assert "offers no STARTTLS" in caplog.text


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_wrong_password_is_told_without_it_and_a_mended_one_is_taken(tmp_path, caplog):
    mails = Mails()
    check = only("kendali", "benar")
    with mail_server(mails, authenticator=check, auth_required=True, auth_require_tls=False) as port:
        settings = email(port, user="kendali", password_env="MAIL_PASSWORD")
        office = Office(tmp_path, {"MAIL_PASSWORD": "salah-sekali"}, email=settings)
        office.minute()
        assert "refuses user and password (535)" in caplog.text
        assert "salah-sekali" not in caplog.text + json.dumps(office.known())
        office.env = {}
        office.start()
        office.minute(1)
        assert "the environment has no MAIL_PASSWORD" in caplog.text
        office.env = {"MAIL_PASSWORD": "b€nar"}
        office.start()
        office.minute(2)
        assert "a letter that SMTP cannot carry" in caplog.text
        office.env = {"MAIL_PASSWORD": "benar"}
        office.start()
        office.minute(4)
    assert len(mails.taken) == 1


@pytest.fixture
def certificate(tmp_path: Path) -> Iterator[tuple[ssl.SSLContext, Path]]:
    """A context for a server on localhost, and the file with which it is trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256())
    )  # fmt: skip
    public, private = tmp_path / "public.pem", tmp_path / "private.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, private)
    yield context, public


def test_the_line_is_secured_only_with_a_certificate_that_is_trusted(tmp_path, certificate, monkeypatch, caplog):
    context, public = certificate
    mails = Mails()
    with mail_server(mails, tls_context=context, require_starttls=True) as port:
        office = Office(tmp_path, email=email(port, host="localhost", starttls=True))
        office.minute()
        assert "no trusted TLS (CERTIFICATE_VERIFY_FAILED)" in caplog.text
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        office.minute(1)
    assert len(mails.taken) == 1


def test_a_webhook_gets_signed_json_under_one_name_until_it_takes_it(tmp_path, caplog):
    hook = Hook()
    hook.codes = [503, 302]
    with webhook(hook) as url:
        office = Office(tmp_path, {"HOOK_SECRET": "rahasia"}, languages=["id", "en"],
                        webhook={"url": url, "secret_env": "HOOK_SECRET"})  # fmt: skip
        office.minute()  # id: 503, en: a redirect, which is not followed
        office.minute(1)
        office.minute(60)
    assert len(hook.got) == 4
    names = [headers["x-kendali-delivery"] for headers, _ in hook.got]
    assert names == ["15.71-2026-11-23-id", "15.71-2026-11-23-en"] * 2
    headers, body = hook.got[-1]
    assert genuine("rahasia", headers, body)
    assert not genuine("another", headers, body)
    told = json.loads(body)
    assert (told["region"], told["day"], told["language"]) == ("15.71", "2026-11-23", "en")
    assert (told["text"], told["html"]) == (FORMS["text"].decode(), FORMS["html"].decode())
    assert "answers 503" in caplog.text
    assert "key-in-the-path" not in caplog.text


def test_a_folder_that_cannot_be_written_is_told(tmp_path, caplog):
    (tmp_path / "out").write_text("a file")
    Office(tmp_path, folder="out").minute()
    assert "brief.folder cannot be written" in caplog.text


def test_without_a_pdf_the_other_forms_go_out(tmp_path):
    mails = Mails()
    with mail_server(mails) as port:
        office = Office(tmp_path, email=email(port))
        lacking = made(forms={name: body for name, body in FORMS.items() if name != "pdf"})
        office.make = lambda at: [lacking]  # type: ignore[method-assign]
        office.minute()
    letter = message_from_bytes(mails.taken[0][2], policy=policy.default)
    assert not list(letter.iter_attachments())
    assert letter.get_content_type() == "multipart/alternative"


def test_sending_by_hand_sends_again_and_the_schedule_does_not(tmp_path):
    mails = Mails()
    with mail_server(mails) as port:
        office = Office(tmp_path, email=email(port))
        assert office.deliveries.send_now([made()]) == {"email id wakil@example.go.id": None}
        office.minute()
        assert len(mails.taken) == 1
        office.deliveries.send_now([made()])
    first, second = (message_from_bytes(raw)["Message-ID"] for _, _, raw in mails.taken)
    assert first == second


def test_a_month_of_briefs_is_kept(tmp_path):
    office = Office(tmp_path, folder="out")
    for day in range(40):
        office.now = SEVEN + timedelta(days=day)
        at = (datetime(2026, 11, 23, tzinfo=UTC) + timedelta(days=day)).date().isoformat()
        office.make = lambda _, at=at: [made(day=at)]  # type: ignore[method-assign, misc]
        office.minute()
    kept = [path.name for path in (tmp_path / "briefs").iterdir() if path.name != "lock"]
    assert len([name for name in kept if not name.startswith("brief-")]) == 31
    assert len(kept) == 31 * 5
