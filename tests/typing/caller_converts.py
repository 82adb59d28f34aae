"""What a caller who converts leads may rely on; mypy and pyright check it."""

from typing import assert_type

from crmbridge import AsyncZohoClient, ZohoClient
from crmbridge.errors import AlreadyConvertedError, UnfinishedError
from crmbridge.zoho import (
    ConversionOptions,
    ConvertInto,
    ConvertResult,
    MassConversion,
    MassConvertJob,
    WriteResult,
    ZohoField,
    ZohoModule,
    ZohoOrganization,
    ZohoTag,
    ZohoUser,
)


def convert(client: ZohoClient) -> None:
    """Convert one lead and many."""
    into = ConvertInto(contact_id="7", deal={"Deal_Name": "One", "Amount": 5})
    assert_type(client.convert("1", into), ConvertResult)
    assert_type(client.wait_for_conversion("1", timeout_seconds=5), ConvertResult)
    assert_type(client.converted_contacts(["1"]), dict[str, str])
    assert_type(client.conversion_options("1"), ConversionOptions)
    jobs = client.mass_convert(["1"], carry_over_tags=client.modules())
    assert_type(jobs, tuple[MassConvertJob, ...])
    assert_type(client.wait_for_mass_conversion("9"), MassConversion)


def look(client: ZohoClient) -> None:
    """Look at what an organisation is made of."""
    assert_type(client.users(kind="NotConfirmedUsers"), tuple[ZohoUser, ...])
    assert_type(client.current_user(), ZohoUser)
    assert_type(client.modules(), tuple[ZohoModule, ...])
    assert_type(client.fields("Leads", kind="unused"), tuple[ZohoField, ...])
    assert_type(client.organization(), ZohoOrganization)
    assert_type(client.tags("Leads"), tuple[ZohoTag, ...])
    assert_type(client.add_tags("Leads", ["1"], ["vip"]), tuple[WriteResult, ...])


def fail(converted: AlreadyConvertedError, unfinished: UnfinishedError) -> None:
    """Look at what errors carry."""
    assert_type(converted.lead_id, str | None)
    assert_type(unfinished.job_id, str | None)
    assert_type(unfinished.waited_seconds, float)


async def convert_async(client: AsyncZohoClient) -> None:
    """Convert, awaiting."""
    assert_type(await client.convert("1"), ConvertResult)
    assert_type(await client.converted_contacts(("1",)), dict[str, str])
    assert_type(await client.modules(), tuple[ZohoModule, ...])
