"""Webhooks: signed, to public addresses only, tried again, given up, switched off; and told only what one may see."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import LazySettings
from django.utils import timezone

from matching.consent import revoke
from matching.inquiries import Reply, answer
from matching.release import make_list, release, withdraw
from matching.review import take, take_many
from registry import outgoing, webhooks
from registry.models import Notice, User, Webhook, WebhookDelivery
from registry.needs import take as take_need
from registry.steps import StepRefused
from tests.factories import (
    AnchorFactory,
    ConsentFactory,
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    InquiryFactory,
    NeedFactory,
    OfficeFactory,
    ProposalFactory,
    sign_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]
State = WebhookDelivery.State


class Listener:
    """A program on loopback that remembers what it was told and answers as it is bidden."""

    def __init__(self) -> None:
        listener = self
        self.status, self.heard, self.connections = 204, [], 0  # type: ignore[var-annotated]

        class Handler(BaseHTTPRequestHandler):
            def setup(self) -> None:
                listener.connections += 1
                super().setup()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.heard.append((dict(self.headers), body))
                self.send_response(listener.status)
                self.send_header("Location", "http://127.0.0.1:9/")
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://localhost:{self.port}/hook?a=1"
        threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()


@pytest.fixture
def listener(settings: LazySettings) -> Iterator[Listener]:
    made = Listener()
    settings.WEBHOOK_EXCEPTIONS = frozenset({f"localhost:{made.port}"})
    yield made
    made.server.shutdown()
    made.server.server_close()


def hooked(owner: User, listener: Listener, *events: str) -> Webhook:
    return webhooks.subscribe(owner, url=listener.url, events=events or webhooks.EVENTS)[0]


def told(listener: Listener) -> list[str]:
    return [json.loads(body)["type"] for _headers, body in listener.heard]


# ---- what is told, and to whom ---------------------------------------------------------------------------------------
def test_what_happens_is_told_to_who_may_see_it_in_ids_and_addresses_alone(listener: Listener) -> None:
    akita, aomori, proposal = CoordinatorFactory("05", name="工藤 健"), CoordinatorFactory("02"), ProposalFactory()
    hooked(akita, listener)
    hooked(aomori, listener)
    take("shortlist", proposal, by=akita, reason="fit", note="canary")
    row = WebhookDelivery.objects.get()
    assert (row.webhook.owner, row.event) == (akita, "proposal.decided")
    assert row.payload["data"]["url"].endswith(f"/api/proposals/{proposal.pk}/")
    said = json.dumps(row.payload, ensure_ascii=False)
    assert not [word for word in ("工藤", "canary", proposal.firm.name, proposal.need.title) if word in said]


def test_every_kind_of_event_is_told(listener: Listener) -> None:
    office, need = OfficeFactory("05"), NeedFactory(state="review")
    akita, firm = CoordinatorFactory("05"), FirmFactory()
    office.members.add(akita)
    need.office = office
    need.save()
    reader = AnchorFactory(need.project)
    hooked(akita, listener)
    hooked(reader, listener)
    take_need("open", need, by=akita)
    proposal = ProposalFactory(need=need, firm=firm)
    take_many("shortlist", [proposal], by=akita, reason="fit")
    own = FirmUserFactory(firm)
    answer(InquiryFactory(need=need, firm=firm, asked_by=akita), Reply("accept"), by=own)
    consent = ConsentFactory(proposal)
    made = make_list(need, by=akita, recipient="T1")
    release(made, akita)
    withdraw(made, akita)
    revoke(consent, by=own)
    take_need("close", need, by=akita, reason="済")
    office_heard, reader_heard = (
        list(WebhookDelivery.objects.filter(webhook__owner=person).order_by("pk").values_list("event", flat=True))
        for person in (akita, reader)
    )
    assert office_heard == ["need.opened", "proposal.decided", "inquiry.answered", "list.released", "list.withdrawn",
                         "consent.ended", "need.changed"]  # fmt: skip
    assert reader_heard == ["need.opened", "list.released", "list.withdrawn", "need.changed"]
    assert webhooks.send_due() == len(listener.heard) == 10
    gone = WebhookDelivery.objects.get(state=State.DROPPED)
    assert (gone.event, gone.webhook.owner) == ("list.released", reader), "withdrawn before it was sent"


def test_who_lost_sight_of_it_meanwhile_is_told_nothing(listener: Listener) -> None:
    akita, proposal = CoordinatorFactory("05"), ProposalFactory()
    hooked(akita, listener)
    take("hold", proposal, by=akita)
    akita.offices.clear()
    assert webhooks.send_due() == 0
    assert (WebhookDelivery.objects.get().state, listener.connections) == (State.DROPPED, 0)


def test_a_refused_act_tells_nothing(listener: Listener) -> None:
    akita, proposal = CoordinatorFactory("05"), ProposalFactory(state="rejected")
    hooked(akita, listener)
    with pytest.raises(StepRefused):
        take("shortlist", proposal, by=akita, reason="fit")
    assert not WebhookDelivery.objects.exists()


# ---- delivering ------------------------------------------------------------------------------------------------------
def test_a_message_is_signed_as_standard_webhooks_say_with_both_secrets_after_a_change(listener: Listener) -> None:
    hook = hooked(CoordinatorFactory(), listener)
    old = webhooks.secret_of(hook.salt)
    new = webhooks.rotate(hook)
    webhooks.ping(hook)
    assert webhooks.send_due() == 1
    headers, body = listener.heard[0]
    stamp = headers["webhook-timestamp"]
    expected = [webhooks.signature(secret, headers["webhook-id"], stamp, body) for secret in (new, old)]
    assert headers["webhook-signature"].split() == expected
    assert abs(int(stamp) - timezone.now().timestamp()) < 60
    assert old not in str(vars(Webhook.objects.get()).values())


def test_the_signature_is_that_of_the_published_example() -> None:
    made = webhooks.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_that_does_not_arrive_is_tried_again_given_up_and_switches_the_webhook_off(
    listener: Listener,
) -> None:
    hook = hooked(CoordinatorFactory(), listener)
    listener.status = 500
    row, waits = webhooks.ping(hook), []
    for _n in range(len(webhooks.WAITS) + 1):
        assert webhooks.send_due() == 0
        row.refresh_from_db()
        if row.due_at:
            waits.append(row.due_at - timezone.now())
        WebhookDelivery.objects.filter(state=State.WAITING).update(due_at=timezone.now())
        Webhook.objects.update(failing_since=timezone.now() - timedelta(days=2))
    assert waits == sorted(waits)
    assert (row.state, row.status, row.attempts) == (State.FAILED, 500, len(webhooks.WAITS) + 1)
    hook.refresh_from_db()
    assert not hook.active
    assert Notice.objects.filter(person=hook.owner, kind="webhook.off").count() == 1
    listener.status = 200
    webhooks.switch(hook, on=True)
    webhooks.again(row)
    assert webhooks.send_due() == 1


def test_a_webhook_that_fails_holds_nobody_up_and_is_tried_with_one_message_at_a_time(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    akita = CoordinatorFactory("05")
    broken = Webhook.objects.create(owner=akita, url="http://localhost:9/", events=["proposal.decided"])
    for _ in range(4):
        take("hold", ProposalFactory(), by=akita)
    assert webhooks.ping(broken) == webhooks.ping(broken), "one is enough to try it"
    good = hooked(akita, listener)
    monkeypatch.setattr(webhooks, "MOST_AT_ONCE", 2)
    webhooks.ping(good)
    assert [webhooks.send_due(), webhooks.send_due()] == [0, 1]
    assert sorted(broken.deliveries.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]


def test_a_redirect_is_a_failure_and_nobody_follows_it(listener: Listener) -> None:
    webhooks.ping(hooked(CoordinatorFactory(), listener))
    listener.status = 307
    assert webhooks.send_due() == 0
    assert (WebhookDelivery.objects.get().status, listener.connections) == (307, 1)


# ---- where to --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "https://localhost/", "https://0.0.0.0/", "https://10.0.0.1/", "https://169.254.169.254/latest",
     "https://192.168.1.1/", "https://100.64.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[fe80::1]/",
     "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
     "https://224.0.0.1/", "http://1.1.1.1/", "ftp://1.1.1.1/", "file:///etc/passwd", "https://a:b@1.1.1.1/", "https://",
     "https://1.1.1.1:99999/", "https://1.1.1.1/#a", "https://exa mple.jp/", "https://１２７.0.0.1/", "https://no.invalid/",
     "https://1.1.1.1\\@127.0.0.1/", "javascript:alert(1)"],
)  # fmt: skip
def test_no_private_or_odd_address_is_ever_called(url: str, listener: Listener) -> None:
    with pytest.raises(StepRefused):
        webhooks.subscribe(CoordinatorFactory(), url=url, events=["need.opened"])
    assert outgoing.post(url, b"{}", {}).status == 0
    assert listener.connections == 0


def test_a_name_with_one_private_address_among_public_ones_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("1.1.1.1", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)
    assert outgoing.post("https://two-faced.example/", b"{}", {}).status == 0
    with pytest.raises(outgoing.NotAllowed):
        outgoing.addresses_of(outgoing.check("https://two-faced.example/"))


def test_a_name_that_changes_its_mind_leads_nowhere_else(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer is public, every later one loopback, where somebody listens: only the first one counts."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def two_faced(host: str, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host != "two-faced.example":
            return real(host, port, *args, **kwargs)
        asked.append(host)
        return real("1.1.1.1" if len(asked) == 1 else "127.0.0.1", port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", two_faced)
    monkeypatch.setattr(outgoing, "SECONDS", 0.3)
    outgoing.post(f"https://two-faced.example:{listener.port}/", b"{}", {})
    assert asked == ["two-faced.example"]
    assert listener.connections == 0


def test_the_hosts_name_is_asked_for_in_tls_and_a_certificate_of_nobody_is_refused(
    settings: LazySettings, tmp_path: Path
) -> None:
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        settings.WEBHOOK_EXCEPTIONS = frozenset({f"localhost:{port}"})

        def shake() -> None:
            plain, _address = server.accept()
            with plain, pytest.raises(OSError):
                context.wrap_socket(plain, server_side=True).recv(1)

        thread = threading.Thread(target=shake)
        thread.start()
        answer = outgoing.post(f"https://localhost:{port}/", b"{}", {})
        thread.join(5)
    assert (answer.status, names) == (0, ["localhost"])
    assert "SSL" in answer.detail or "CertVerif" in answer.detail


def _self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "both.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


# ---- the pages -------------------------------------------------------------------------------------------------------
def test_a_person_adds_tries_and_removes_a_webhook(listener: Listener) -> None:
    browser = sign_in(CoordinatorFactory())
    form = {"url": listener.url, "events": ["need.opened"]}
    added = browser.post("/webhooks/", form)
    assert (added.status_code, added.context["secret"][:6]) == (201, "whsec_")
    assert browser.post("/webhooks/", form).status_code == 409
    assert browser.post("/webhooks/", form | {"url": "https://10.0.0.1/"}).status_code == 409
    assert browser.post("/webhooks/", form | {"events": ["users.made"]}).status_code == 422
    page = f"/webhooks/{Webhook.objects.get().pk}/"
    assert added.context["secret"] not in browser.get(page).content.decode()
    browser.post(f"{page}ping/")
    webhooks.send_due()
    assert told(listener) == ["webhook.ping"]
    assert "delivered" in browser.get(page).content.decode()
    row = WebhookDelivery.objects.get()
    assert browser.post(f"{page}messages/{row.pk}/again/").status_code == 302
    assert browser.post(f"{page}rotate/").context["secret"] != added.context["secret"]
    browser.post(f"{page}pause/")
    assert webhooks.send_due() == 0
    browser.post(f"{page}resume/")
    assert webhooks.send_due() == 1
    assert sign_in(CoordinatorFactory()).get(page).status_code == 404
    browser.post(f"{page}remove/")
    assert not Webhook.objects.exists()
