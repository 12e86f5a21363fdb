"""GraphiQL's strip for staff: signed in, remembered over a reload, signed out."""

from datetime import UTC, datetime

from playwright.async_api import expect

from domain.permissions import Role
from domain.staff.totp import code_at, step_of
from tests.e2e.portal import Site
from tests.e2e.visit import Visit
from tests.platform import PASSWORD, StaffPerson
from tests.resolvers.test_staff_sign_in import with_totp


async def opened(site: Site, visit: Visit) -> None:
    """GraphiQL, drawn."""
    await visit.page.goto(f"{site.origin}/graphiql/")
    await expect(visit.page.get_by_role("form", name="Staff sign-in")).to_be_visible()
    await expect(visit.page.locator(".graphiql-query-editor .monaco-editor").first).to_be_visible()


async def entered(visit: Visit, person: StaffPerson, password: str = PASSWORD) -> None:
    """The form, filled in and sent."""
    await visit.page.get_by_label("Sign-in name").fill(person.sign_in_name)
    await visit.page.get_by_label("Password").fill(password)
    await visit.page.get_by_role("button", name="Sign in").click()


async def test_staff_sign_in_stay_so_over_a_reload_and_sign_out(site: Site, visit: Visit) -> None:
    person = await site.platform.new_staff(Role.OPERATOR)
    status = visit.page.get_by_text(f"Signed in: {person.sign_in_name}")
    await opened(site, visit)

    await entered(visit, person, "not the password")
    await expect(visit.page.locator(".sign-in [role=alert]")).to_contain_text("password")
    await entered(visit, person)
    await expect(status).to_be_visible()

    await visit.page.reload()
    await expect(status).to_be_visible()

    await visit.page.get_by_role("button", name="Sign out").click()
    await expect(visit.page.get_by_role("form", name="Staff sign-in")).to_be_visible()
    await visit.page.reload()
    await expect(visit.page.get_by_role("form", name="Staff sign-in")).to_be_visible()
    assert visit.faults == []


async def test_staff_sign_in_where_people_may_send_trusted_documents_alone(strict: Site, visit: Visit) -> None:
    person = await strict.platform.new_staff(Role.OPERATOR)
    await opened(strict, visit)
    await entered(visit, person)
    await expect(visit.page.get_by_text(f"Signed in: {person.sign_in_name}")).to_be_visible()


async def test_the_second_factor_is_asked_for_when_it_is_needed(site: Site, visit: Visit) -> None:
    person, secret, _ = await with_totp(site.platform)
    await opened(site, visit)
    await expect(visit.page.get_by_label("Code", exact=True)).to_have_count(0)
    await entered(visit, person)
    await visit.page.get_by_label("Code", exact=True).fill(code_at(secret, step_of(datetime.now(UTC)) + 1))
    await visit.page.get_by_role("button", name="Sign in").click()
    await expect(visit.page.get_by_text(f"Signed in: {person.sign_in_name}")).to_be_visible()
    assert visit.faults == []


async def test_the_strip_can_be_used_by_everybody_at_any_width(site: Site, visit: Visit) -> None:
    person = await site.platform.new_staff(Role.OPERATOR)
    await opened(site, visit)
    assert await visit.violations(".sign-in") == []
    await visit.pictured("graphiql")
    await entered(visit, person, "not the password")
    await expect(visit.page.locator(".sign-in [role=alert]")).to_contain_text("password")
    assert await visit.violations(".sign-in") == []
    await visit.pictured("graphiql-wrong-password")
    await entered(visit, person)
    await expect(visit.page.get_by_text("Signed in")).to_be_visible()
    assert await visit.violations(".sign-in") == []
    await visit.page.emulate_media(color_scheme="dark")
    await visit.page.reload()
    await expect(visit.page.get_by_text("Signed in")).to_be_visible()
    await visit.pictured("graphiql-signed-in-dark")
