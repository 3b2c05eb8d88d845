"""A system that sends by itself: what it is answered, and that a delivery is taken once."""

import threading
from datetime import timedelta

import pytest
from pydantic import ValidationError

from city.model import Case, Observation, Status
from collectors import RowError, push
from collectors.signed import Rate
from tests.collectors import sending
from tests.collectors.conftest import NOW
from tests.collectors.sending import FIELDS, PUSH, SECRET, headers, lines, row


@pytest.fixture
def sender(desk):
    with sending.serving(desk("push", PUSH, source={"kind": "complaint"})) as made:
        yield made


def test_a_delivery_is_one_run_that_names_what_it_did(sender):
    answer = sender.send(lines(row(1), row(2, selesai="2026-11-24T12:30:00")))
    run = sender.ask("select id from runs")[0][0]
    assert (answer.status_code, answer.json()) == (
        200,
        {"run": run, "fetched": 2, "saved": 2, "revised": 0, "rejected": []},
    )
    assert sender.ask("select key, kind, status from cases order by key") == [
        ("P-1", "complaint", "received"), ("P-2", "complaint", "done"),
    ]  # fmt: skip


def test_a_changed_row_is_a_revision_and_the_same_row_is_nothing(sender):
    sender.send(lines(row(1), row(2)), "k-1")
    answer = sender.send(lines(row(1), row(2, jenis="Sampah")), "k-2").json()
    assert (answer["fetched"], answer["saved"], answer["revised"]) == (2, 0, 1)


def test_rejected_rows_are_all_named_by_number_and_field_and_never_quoted(sender):
    rows = [row(number) for number in range(1, 101)]
    for at in (3, 50, 51, 52, 53, 54, 99):
        rows[at - 1] = row(at, masuk="kemarin oleh Budi 0812")
    del rows[2]["masuk"]
    answer = sender.send(lines(*rows))
    assert answer.status_code == 200
    assert answer.json()["saved"] == 93
    told = answer.json()["rejected"]
    assert told[0] == {"row": 3, "problem": "opened_at: missing"}
    assert told[1:] == [
        {"row": at, "problem": "opened_at: not a time in the configured form"} for at in (50, 51, 52, 53, 54, 99)
    ]
    assert "Budi" not in answer.text + str(sender.ask("select notes from runs"))


def test_more_than_a_tenth_rejected_saves_nothing_and_the_key_stays_free(sender):
    bad = sender.send(lines(row(1), row(2), {"no": "P-3"}))
    run = sender.ask("select id from runs where not ok")[0][0]
    assert bad.status_code == 422
    assert bad.json() == {
        "error": "1 of 3 rows are not understood; nothing was saved", "run": run, "fetched": 3, "saved": 0,
        "revised": 0, "rejected": [{"row": 3, "problem": "opened_at: missing"}],
    }  # fmt: skip
    assert sender.ask("select key from cases") == []
    assert sender.send(lines(row(1), row(2), row(3))).json()["saved"] == 3


def test_the_same_key_again_is_answered_with_the_first_figures_and_changes_nothing(sender):
    rows = [row(number) for number in range(1, 20)] + [{"no": "P-20"}]
    first = sender.send(lines(*rows)).json()
    sender.send(lines(row(1, jenis="Sampah")), "k-2")
    assert sender.send(lines(*rows)).json() == first
    assert first["rejected"] == [{"row": 20, "problem": "opened_at: missing"}]
    assert sender.ask("select category from cases where key = 'P-1'") == [("Sampah",)]
    assert sender.ask("select count(*) from runs") == [(2,)]


def test_the_same_key_for_another_body_is_a_conflict(sender):
    sender.send(lines(row(1)))
    answer = sender.send(lines(row(2)))
    assert (answer.status_code, "used for another body" in answer.json()["error"]) == (409, True)
    assert sender.ask("select key from cases") == [("P-1",)]


def test_a_key_belongs_to_its_source(desk):
    made = desk("push", PUSH)
    twin = made.config.sources["desk"].model_copy(update={"args": PUSH | {"secret": SECRET * 2}})
    made.config = made.config.model_copy(update={"sources": {"desk": made.config.sources["desk"], "other": twin}})
    with sending.serving(made) as sender:
        assert sender.send(lines(row(1))).json()["saved"] == 1
        assert sender.send(lines(row(1)), source="other", secret=SECRET * 2).json()["saved"] == 1
        assert sender.send(lines(row(2)), source="other").status_code == 401, "the secret of one does not open another"


def test_the_key_itself_is_not_kept_for_it_might_be_a_number_of_a_citizen(sender):
    sender.send(lines(row(1)), "1571024408900001")
    assert "1571024408900001" not in str(sender.ask("select notes from runs"))


def test_ten_times_at_once_is_one_run(desk):
    made = desk("push", PUSH)
    # Two collecting parts on one database, as when one is started by mistake: no lock of a process helps.
    with sending.serving(made) as one, sending.serving(made) as two:
        answers = []
        threads = [
            threading.Thread(target=lambda via=via: answers.append(via.send(lines(row(1), row(2)))))
            for via in (one, two) * 5
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer.status_code for answer in answers] == [200] * 10
        assert len({answer.text for answer in answers}) == 1
        assert one.ask("select count(*), sum(saved) from runs") == [(1, 2)]


def test_nobody_learns_which_sources_there_are(sender):
    wrong = sender.send(lines(row(1)), secret="another-secret-of-16")
    unknown = sender.send(lines(row(1)), source="nobody")
    unsigned = sender.client.post(
        "/ingest/desk", content=b"{}", headers={"Content-Type": "application/x-ndjson", "Idempotency-Key": "k"}
    )
    assert {answer.status_code for answer in (wrong, unknown, unsigned)} == {401}
    assert wrong.content == unknown.content == unsigned.content
    assert sender.ask("select count(*) from runs") == [(0,)]


@pytest.mark.parametrize("change", [b" ", b"\n", b"x"])
def test_a_body_that_was_changed_on_its_way_is_refused(sender, change):
    body = lines(row(1))
    answer = sender.client.post("/ingest/desk", content=body + change, headers=headers(body))
    assert answer.status_code == 401


@pytest.mark.parametrize(("minutes", "status"), [(-5.1, 401), (-4.9, 200), (4.9, 200), (5.1, 401)])
def test_a_delivery_is_signed_for_now(sender, minutes, status):
    at = (NOW + timedelta(minutes=minutes)).timestamp()
    answer = sender.send(lines(row(1)), at=at)
    assert answer.status_code == status
    if status == 401:
        assert "not within 5 minutes of our clock" in answer.json()["error"]


def test_a_sender_that_calls_too_often_is_told_when_to_come_back(desk):
    with sending.serving(desk("push", PUSH | {"per_minute": 2})) as sender:
        said = [sender.send(lines(row(number)), f"k-{number}") for number in range(3)]
        assert [answer.status_code for answer in said] == [200, 200, 429]
        assert 1 <= int(said[-1].headers["Retry-After"]) <= 60
        assert sender.send(lines(row(9)), secret="another-secret-of-16").status_code == 401, "others do not learn of it"


def test_there_is_room_again_after_a_minute():
    rate = Rate()
    assert [rate.wait_s("a", 2, now_s) for now_s in (0, 10, 20, 59, 60.0, 61)] == [0, 0, 40, 1, 0, 9]
    assert rate.wait_s("b", 2, 61) == 0, "each for itself"


def test_a_delivery_may_be_as_large_as_its_source_says(desk):
    body = lines(*(row(number) for number in range(9)))
    with sending.serving(desk("push", PUSH | {"max_bytes": len(body)})) as sender:
        assert sender.send(body).status_code == 200
        assert sender.send(body + b" ", "k-2").status_code == 413
        stream = sender.client.post("/ingest/desk", content=iter([body, body]), headers=headers(body))
        assert stream.status_code == 413, "without a length as well"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the body is empty"),
        (b"\n", "the body is empty"),
        (lines(row(1)) + b"{", "line 2 is not JSON"),
        (lines(row(1), [1]), "line 2 is not a JSON object"),
        (lines(row(1)) + b"\n" + lines(row(2)), "line 2 is not JSON"),
        (b"\xff\xfe", "line 1 is not JSON"),
        (b'{"no": 1e999}', "line 1 is not JSON"),
        (b'{"no":' + b"[" * 100_000, "line 1 is not JSON"),
    ],
)
def test_what_is_not_json_lines_is_refused_by_its_line(sender, body, said):
    answer = sender.send(body)
    assert (answer.status_code, answer.json()["error"].partition(";")[0]) == (400, said)
    assert sender.ask("select count(*) from runs") == [(0,)]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "application/json"}, 415),
        ({"Content-Encoding": "gzip"}, 415),
        ({"Idempotency-Key": ""}, 400),
        ({"Idempotency-Key": "k" * 201}, 400),
        ({"Idempotency-Key": "k" * 200, "Content-Type": "Application/X-NDJSON; charset=utf-8"}, 200),
    ],
)
def test_the_headers_of_a_delivery(sender, more, status):
    body = lines(row(1))
    answer = sender.client.post("/ingest/desk", content=body, headers=headers(body) | more)
    assert answer.status_code == status
    assert status == 200 or answer.json()["error"]


def test_a_row_that_postgresql_cannot_hold_as_it_is_does_no_harm(sender):
    answer = sender.send(lines(row(1, jenis="Ja\x00lan"), row(2, no="P\x00-2", jenis="\U0001f6a7")))
    assert (answer.status_code, answer.json()["saved"]) == (200, 2)
    assert sender.ask("select key, category from cases order by key") == [("P-1", "Jalan"), ("P-2", "\U0001f6a7")]


def test_steps_of_a_case_and_figures_can_be_sent_too():
    steps = push.Args(secret=SECRET, shape="event_log", fields={"key": "no", "at": "waktu", "stage": "tahap"})
    found = push.parse({"no": 1, "waktu": "2026-11-24T05:00Z", "tahap": "masuk"}, steps)
    assert (type(found), found.opened_at, found.status) == (Case, NOW, Status.RECEIVED)
    counts = push.Args(
        secret=SECRET, shape="observations", fields={"at": "t", "place": "rs.nama"}, values={"beds": "n"}
    )
    assert push.parse({"t": "2026-11-24T05:00Z", "rs": {"nama": "A"}, "n": 4}, counts) == [
        Observation(metric="beds", at=NOW, value=4, place="A")
    ]
    with pytest.raises(RowError, match="beds: not a number"):
        push.parse({"t": "2026-11-24T05:00Z", "n": "empat"}, counts)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"secret": "short"}, "secret"),
        ({"secret": None}, "secret"),
        ({"fields": FIELDS | {"category": "jenis."}}, "is not JMESPath"),
        ({"max_bytes": 0}, "max_bytes"),
        ({"per_minute": 0}, "per_minute"),
        ({"url": "http://x"}, "url"),
    ],
)
def test_wrong_settings_are_refused(wrong, named):
    with pytest.raises(ValidationError, match=named):
        push.Args.model_validate(PUSH | wrong)
