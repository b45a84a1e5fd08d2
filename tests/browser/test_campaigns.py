"""A campaign in the browser: made, filled, and watched while it goes."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.chromium import Visit


def test_a_campaign_is_made_and_its_page_follows_what_happens(visit: Visit) -> None:
    visit.expected = {422}
    page = visit.go("/console/campaigns")
    page.get_by_role("link", name="New campaign").click()
    page.get_by_label("Name").fill("Rates of November")
    page.get_by_label("Until", exact=True).fill("7 pm")
    page.get_by_role("button", name="Make the campaign").click()
    expect(page.get_by_text("Write a time such as 19:00.")).to_be_visible()
    page.get_by_label("Until", exact=True).fill("18:00")
    page.get_by_label("Agent").select_option("logistics")
    page.get_by_label("Sun").check()
    page.get_by_role("button", name="Make the campaign").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Rates of November")
    expect(page.get_by_text("10:00–18:00 where each person is, mon, tue")).to_be_visible()
    expect(page.get_by_text("Nobody is to be rung yet")).to_be_visible()
    campaign_id = page.url.rpartition("/")[2]
    people = [{"phone": f"+9198765432{number}", "name": "Asha"} for number in range(10, 13)]
    added = page.request.post(f"/campaigns/{campaign_id}/leads", data={"leads": people})
    assert added.json()["added"] == 3

    # The page hears of it by itself.
    expect(page.get_by_role("img", name="0 of 3 leads are over")).to_be_visible()
    rows = b"phone;name\n98765 43220;Maya\n12;Nobody\n"
    page.get_by_label("CSV or Excel file").set_input_files(
        {"name": "more.csv", "mimeType": "text/csv", "buffer": rows}
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("The file is here. Its rows are read now.")).to_be_visible()
    expect(page.get_by_role("img", name="0 of 4 leads are over")).to_be_visible()
    expect(page.get_by_role("link", name="Problems")).to_be_visible()
    page.get_by_role("link", name="4", exact=True).click()
    expect(page).to_have_url(re.compile("status=waiting"))
    page.get_by_role("link", name="+919876543211").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Do not call").click()
    expect(page.get_by_text("This number is not rung any more.")).to_be_visible()
    page.goto(f"/console/campaigns/{campaign_id}")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("canceled: nobody who waits", exact=False)).to_be_visible()
    expect(page.get_by_role("img", name="4 of 4 leads are over")).to_be_visible()


def test_a_page_that_is_being_left_is_not_loaded_anew(visit: Visit) -> None:
    page = visit.go("/console/campaigns/new")
    page.get_by_label("Name").fill("Left")
    page.get_by_label("Agent").select_option("logistics")
    page.get_by_role("button", name="Make the campaign").click()
    # What may be done with the campaign has changed since.
    asks = "htmx.ajax('GET', location.pathname + '?state=other', {target: '#standing'})"

    with page.expect_navigation():
        page.evaluate(asks)
    page.evaluate("window.stays = true")
    page.evaluate("window.dispatchEvent(new Event('beforeunload'))")
    page.evaluate(asks)

    assert page.evaluate("window.stays") is True
