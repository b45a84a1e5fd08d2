"""/console/people: who may sign in, with which role; tokens and the audit log are beside it."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, g, request, url_for

from access.people import Account, PersonRefused, normal_email
from access.roles import Role
from console.audit import add_audit
from console.pages import page, page_blueprint, public_base, sent_to
from console.tokens import add_tokens
from services import Services
from storage.register import StaleEntry


def people_blueprint(services: Services) -> Blueprint:
    """People, tokens and the audit log: one entry of the menu, for administrators."""
    blueprint = page_blueprint("people", services, Role.ADMIN)
    _add_list(blueprint, services)
    _add_person(blueprint, services)
    add_tokens(blueprint, services)
    add_audit(blueprint, services)
    return blueprint


def _add_list(blueprint: Blueprint, services: Services) -> None:
    people = services.entrance.people

    @blueprint.get("/people", endpoint="people")
    def everybody() -> Response:
        return page("people.html", people=people.all())

    @blueprint.get("/people/new")
    def new() -> Response:
        return page("person_new.html", role=Role.VIEWER, roles=list(Role), wrong={})

    @blueprint.post("/people/new")
    def add() -> Response:
        form = request.form
        email, name, role = form.get("email", ""), form.get("name", ""), _role()
        try:
            services.audit.note(g.person, "add person", normal_email(email), role=role)
            account = people.add(email, name, role)
        except PersonRefused as refused:
            values = {"email": email[:300], "name": name[:200], "role": role, "roles": list(Role)}
            return page("person_new.html", 422, **values, wrong={refused.field: str(refused)})
        return _link_once(services, account)


def _add_person(blueprint: Blueprint, services: Services) -> None:
    people, audit = services.entrance.people, services.audit

    def wanted(person_id: str) -> Account:
        account = people.load(person_id)
        if account is None:
            abort(404, "There is no such person.")
        return account

    @blueprint.get("/people/<person_id>")
    def person(person_id: str) -> Response:
        account = wanted(person_id)
        is_you = account.person_id == g.person.person_id
        return page("person.html", account=account, roles=list(Role), is_you=is_you)

    @blueprint.post("/people/<person_id>/role")
    def change_role(person_id: str) -> Response:
        account, role = wanted(person_id), _role()
        if role != account.role:
            _keep_an_admin(services, account)
            audit.note(g.person, "change role", account.email, was=account.role, role=role)
            _changed(services, account, role=role)
            flash(f"{account.email} is {role} now, and has to sign in again.", "good")
        return _back(account)

    @blueprint.post("/people/<person_id>/disable")
    def disable(person_id: str) -> Response:
        account = wanted(person_id)
        _keep_an_admin(services, account)
        audit.note(g.person, "disable person", account.email)
        _changed(services, account, is_disabled=True)
        flash(f"{account.email} is signed out and cannot sign in any more.", "good")
        return _back(account)

    @blueprint.post("/people/<person_id>/enable")
    def enable(person_id: str) -> Response:
        account = wanted(person_id)
        audit.note(g.person, "enable person", account.email)
        _changed(services, account, is_disabled=False)
        flash(f"{account.email} may sign in again.", "good")
        return _back(account)

    @blueprint.post("/people/<person_id>/link")
    def make_link(person_id: str) -> Response:
        account = wanted(person_id)
        if account.is_disabled:
            abort(409, "Enable this person first: a link of somebody disabled opens nothing.")
        audit.note(g.person, "make reset link", account.email)
        return _link_once(services, account)


def _role() -> Role:
    wanted = request.form.get("role", "")
    if wanted not in set(Role):
        abort(422, f"Choose a role: {', '.join(Role)}.")
    return Role(wanted)


def _keep_an_admin(services: Services, account: Account) -> None:
    """Nobody locks themselves out, nor everybody."""
    if account.person_id == g.person.person_id:
        abort(409, "This is you: another administrator has to do that.")
    if account.role is Role.ADMIN and not services.entrance.people.other_admins(account):
        abort(409, "This is the last administrator who can sign in; make another one first.")


def _changed(services: Services, account: Account, **changes: object) -> None:
    try:
        services.entrance.people.change_and_end(account, **changes)
    except StaleEntry:
        abort(409, "Somebody changed this person a moment ago. Look again.")


def _link_once(services: Services, account: Account) -> Response:
    token = services.entrance.links.to_set_password(account)
    link = public_base(services) + url_for("console-sign-in.set_password", token=token)
    return page("link_once.html", account=account, link=link)


def _back(account: Account) -> Response:
    target = url_for("console-people.person", person_id=account.person_id)
    return sent_to(target)
