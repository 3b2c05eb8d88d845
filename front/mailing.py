"""The daily brief by e-mail: text, HTML and the PDF in one letter, over SMTP."""

import smtplib
import ssl
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256

from city.brief_settings import Email

TIMEOUT_S = 30.0


class Undelivered(Exception):
    """A delivery that did not arrive; says why, without contents or secrets. Every one is tried again."""


def letter(email: Email, to: str, subject: str, forms: Mapping[str, bytes], name: str, at: datetime) -> EmailMessage:
    """The letter. ``name`` is the same on every try, and so is the Message-ID: readers drop what they have already."""
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = subject, email.sender, to
    made["Date"] = format_datetime(at)
    mark = sha256(f"{name} {to}".encode()).hexdigest()[:16]
    made["Message-ID"] = f"<brief-{name}-{mark}@{email.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices, please
    made.set_content(forms["text"].decode())
    made.add_alternative(forms["html"].decode(), subtype="html")
    if "pdf" in forms:
        made.add_attachment(forms["pdf"], maintype="application", subtype="pdf", filename=f"{name}.pdf")
    return made


def send(email: Email, made: EmailMessage, env: Mapping[str, str]) -> None:
    """Hand a letter to the mail server. Raises Undelivered."""
    where = f"mail server {email.host}:{email.port}"
    try:
        with smtplib.SMTP(email.host, email.port, timeout=TIMEOUT_S) as server:
            _greet(server, email, env, where)
            server.send_message(made)
    except smtplib.SMTPRecipientsRefused as error:
        code, _ = next(iter(error.recipients.values()))
        raise Undelivered(f"{where} does not take the recipient {_when(code)}") from None
    except smtplib.SMTPAuthenticationError as error:
        raise Undelivered(f"{where} refuses user and password ({error.smtp_code}); check brief.email") from None
    except smtplib.SMTPResponseException as error:
        raise Undelivered(f"{where} does not take the letter {_when(error.smtp_code)}") from None
    except smtplib.SMTPNotSupportedError:
        raise Undelivered(f"{where} takes no user and password on this line; check brief.email") from None
    except UnicodeError:
        raise Undelivered(f"{where}: user or password holds a letter that SMTP cannot carry") from None
    except ssl.SSLError as error:
        raise Undelivered(f"{where}: no trusted TLS ({error.reason or 'certificate'})") from None
    except (OSError, smtplib.SMTPException) as error:
        raise Undelivered(f"{where} does not answer ({type(error).__name__})") from None


def _greet(server: smtplib.SMTP, email: Email, env: Mapping[str, str], where: str) -> None:
    """Secure the line and say who we are, as the settings want it."""
    server.ehlo_or_helo_if_needed()
    if email.starttls:
        if not server.has_extn("starttls"):
            raise Undelivered(f"{where} offers no STARTTLS; say starttls: false only where the line is your own")
        server.starttls(context=ssl.create_default_context())
    if email.user and email.password_env:
        if email.password_env not in env:
            raise Undelivered(f"the environment has no {email.password_env}")
        server.login(email.user, env[email.password_env])


def _when(code: int) -> str:
    return f"yet ({code})" if 400 <= code < 500 else f"({code})"
