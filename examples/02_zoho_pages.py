"""Read all leads of Zoho CRM page by page, stop in the middle, and go on later.

A page is a value; its token is a text that can be stored and used by another
process for a day.
"""

from __future__ import annotations

from crmbridge import ZohoClient, ZohoConfig
from crmbridge.testing import LoopbackServer, SalesmanagoFake, ZohoFake, populate

FIELDS = ("Full_Name", "Email", "Company")


def main() -> None:
    """Read two pages with one client, and the others with a second one."""
    zoho = ZohoFake()
    populate(SalesmanagoFake(), zoho, people=1500)
    with LoopbackServer(zoho) as server:
        zoho.api_domain = server.url
        config = ZohoConfig(**zoho.account(server.url))

        token = read_pages(config, token=None, most=2)
        print(f"Stopped here; the token to be kept has {len(token or '')} letters.")
        read_pages(config, token=token, most=100)

        # The same without a care for pages; they are asked for as they are needed.
        with ZohoClient(config) as client:
            leads = client.records("Leads", fields=FIELDS)
            with_company = [lead for lead in leads if lead.fields.get("Company")]
        print(f"{len(with_company)} leads name a company.")


def read_pages(config: ZohoConfig, *, token: str | None, most: int) -> str | None:
    """Print what some pages hold; return the token of the page to go on with."""
    with ZohoClient(config) as client:
        for _ in range(most):
            page = client.records_page("Leads", fields=FIELDS, page_token=token)
            print(f"a page of {len(page.records)} leads")
            token = page.next_page_token
            if token is None:
                print("That was the last one.")
                break
    return token


if __name__ == "__main__":
    main()
