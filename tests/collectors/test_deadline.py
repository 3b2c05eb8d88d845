"""Connections that end in time also under TLS, where a wrapped socket is ended from another thread."""

import ipaddress
import ssl
import time
from datetime import UTC, datetime, timedelta

import faults
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from city.model import Unreachable
from collectors.deadline import Watch
from collectors.http import Session


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of 127.0.0.1 with its key, in one file that callers can trust."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "desk")])
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
    made = builder.add_extension(alternative, False).sign(key, hashes.SHA256())
    form = serialization.Encoding.PEM
    private = key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path_factory.mktemp("tls") / "desk.pem"
    path.write_bytes(made.public_bytes(form) + private)
    return path


@pytest.fixture
def desk(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with faults.serving(lambda asked: (200, {}, b"[1]"), context) as service:
        yield service


@pytest.fixture
def session():
    with Session(retries=0, read_timeout_s=faults.READ_S, body_timeout_s=faults.BODY_S) as made:
        yield made


def test_a_good_answer_over_tls_is_read(desk, session, certificate):
    assert [session.body(desk.url, verify=str(certificate)) for _ in range(2)] == [b"[1]"] * 2


@pytest.mark.parametrize("fault", ["never_answers", "drips", "drips_its_headers", "drips_its_chunks"])
def test_a_server_that_drips_over_tls_ends_in_time(desk, session, certificate, fault):
    desk.fault, began = faults.FAULTS[fault].spoil, time.monotonic()
    with pytest.raises(Unreachable, match=faults.FAULTS[fault].text):
        session.body(desk.url, verify=str(certificate))
    assert time.monotonic() - began < 4 * faults.BODY_S


def test_a_certificate_nobody_vouches_for_is_no_secure_connection(desk, session):
    with pytest.raises(Unreachable, match="TLS"):
        session.body(desk.url, verify=True)


def test_a_watch_that_is_left_in_time_ends_nothing():
    ended = []
    with Watch(0.05, lambda: ended.append(1)) as watch:
        pass
    time.sleep(0.15)
    assert (watch.late, ended) == (False, [])
