"""Add and change contacts of SALESmanago, and see what a refusal looks like."""

from __future__ import annotations

from crmbridge import SalesmanagoClient, SalesmanagoConfig
from crmbridge.errors import CrmbridgeError, RefusedError
from crmbridge.salesmanago import ConsentChange, ContactDetails, WriteStatus
from crmbridge.testing import Fault, LoopbackServer, SalesmanagoFake


def main() -> None:
    """Write one contact, then many, then some that go wrong."""
    fake = SalesmanagoFake()
    with (
        LoopbackServer(fake) as server,
        SalesmanagoClient(SalesmanagoConfig(**fake.account(server.url))) as client,
    ):
        write_one(client)
        write_many(client)
        meet_errors(client, fake)


def write_one(client: SalesmanagoClient) -> None:
    """Add a contact with its consent, and change it by the same method."""
    client.upsert(
        ContactDetails(
            "ann@example.com",
            {"name": "Ann Example", "state": "PROSPECT"},
            email_consent=ConsentChange.IN,
            phone_consent=ConsentChange.OUT,
        )
    )
    # What is left out stays as it is: her consent is kept.
    client.upsert(ContactDetails("ann@example.com", {"phone": "+48 33 811 22 33"}))
    (ann,) = client.list_all(["ann@example.com"])
    print(
        f"one contact: opted out of e-mails: {ann.opted_out}, of calls: "
        f"{ann.opted_out_phone}, state {ann.state}"
    )


def write_many(client: SalesmanagoClient) -> None:
    """Add 500 contacts in three requests, and learn by one more who was refused."""
    people = [
        ContactDetails(
            f"person{number}@example.com",
            {"name": f"Person {number}"},
            email_consent=ConsentChange.IN,
            phone_consent=ConsentChange.IN,
        )
        for number in range(500)
    ]
    results = client.batch_upsert([*people, ContactDetails("this is no address")])
    statuses = [result.status for result in results]
    print(
        f"many contacts: {statuses.count(WriteStatus.SUCCESS)} written, "
        f"{statuses.count(WriteStatus.REFUSED)} refused"
    )


def meet_errors(client: SalesmanagoClient, fake: SalesmanagoFake) -> None:
    """See a refusal, and a failure of the server that is survived."""
    try:
        client.upsert(ContactDetails("this is no address"))
    except RefusedError as error:
        print(f"refused: {error}")
    fake.fail_next(Fault.status(503), times=2)
    try:
        client.opt_out("ann@example.com")
    except CrmbridgeError as error:
        print(f"failed: {error}")
    else:
        print("two failures of the server were survived by repeating the request")


if __name__ == "__main__":
    main()
