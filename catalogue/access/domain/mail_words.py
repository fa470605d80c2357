"""What each kind of mail says: its subject, what happened, what comes next, and when it says nothing any more.

No words of people are in it and no names of people: what somebody wrote is read on the page, after signing
in. `%(dataset)s` and `%(committee)s` are there for kinds that are about one item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Lazy = str | Promise


class While(StrEnum):
    """What has to hold when the mail is sent, else it is dropped. "" in a row: nothing."""

    WAITS = "waits"  # the item still waits for a handler
    OPEN = "open"  # the item is not decided, and the application is with the committees
    RETURNED = "returned"  # the application still waits for its applicant
    WRITING = "writing"  # it is still being written
    REVIEWING = "reviewing"  # the reader is still asked for a review
    TERMS = "terms"  # the reader's right still waits for the terms
    ACTIVE = "active"  # the reader's right is active
    SUSPENDED = "suspended"  # the reader's right is suspended
    INVITED = "invited"  # an invitation to the address still holds


class Page(StrEnum):
    """Where the link leads."""

    CASE = "case"  # the application: the reader's own request, or the committee's case
    RIGHT = "right"
    JOIN = "join"
    BOARD = "board"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one kind. `is_for_outsiders`: its reader need not see the application any more, or ever."""

    subject: Lazy
    happened: Lazy
    next_step: Lazy
    holds: While | str = ""
    page: Page = Page.CASE
    is_for_outsiders: bool = False


_NOTHING = _("You need not do anything.")
_COMMITTEE_READS = _("Read it, and take it up or go on with it.")

WORDS: Mapping[str, Words] = {
    # To those who ask
    "submitted": Words(
        _("your request is submitted"),
        _("Your request is with those who decide: %(committees)s."),
        _("You need not do anything now. Mail comes when somebody asks you something or decides."),
    ),
    "taken": Words(
        _("%(dataset)s is being read"),
        _("%(committee)s has taken up your request for %(dataset)s."),
        _("It means to decide by %(deadline)s. It may ask you something before."),
        holds=While.OPEN,
    ),
    "returned": Words(
        _("a question for you"),
        _("Your request came back with a question, or a wish for changes."),
        _("Read it, answer, and submit again. Nobody decides on what is open until then."),
        holds=While.RETURNED,
    ),
    "approved": Words(
        _("%(dataset)s is approved"),
        _("%(committee)s has approved your request for %(dataset)s."),
        _("Accept the terms if they wait for you; how to get the data is on the page of your right."),
    ),
    "rejected": Words(
        _("%(dataset)s is refused"),
        _("%(committee)s has refused your request for %(dataset)s."),
        _("The reason is on its page. You can ask again with another purpose or other answers."),
    ),
    "decided": Words(
        _("all is decided"),
        _("There is a decision on every dataset of your request."),
        _("The decisions, and the evidence of them, are on its page."),
    ),
    "terms_wait": Words(
        _("accept the terms of %(dataset)s"),
        _("Your right to %(dataset)s begins when you have accepted its terms."),
        _("Read and accept them. Each person of a request does so for themselves."),
        holds=While.TERMS,
    ),
    "suspended": Words(
        _("your right to %(dataset)s is suspended"),
        _("Your right to %(dataset)s is suspended. It may be given back."),
        _("Do not use the data until then. The reason is on the page of your right."),
        holds=While.SUSPENDED,
    ),
    "reinstated": Words(
        _("your right to %(dataset)s holds again"),
        _("Your right to %(dataset)s is no longer suspended."),
        _NOTHING,
        holds=While.ACTIVE,
    ),
    "revoked": Words(
        _("your right to %(dataset)s is revoked"),
        _("Your right to %(dataset)s was taken back."),
        _(
            "Stop using the data, and delete your copies as the terms say. The reason is on the page of your right."
        ),
    ),
    "expired": Words(
        _("your right to %(dataset)s has ended"),
        _("The time of your right to %(dataset)s is over."),
        _("Delete your copies as the terms say. If you still need the data, ask anew."),
    ),
    "ends_soon": Words(
        _("your right to %(dataset)s ends on %(ends)s"),
        _("Your right to %(dataset)s ends on %(ends)s."),
        _("If you need it for longer, renew it now: your answers are filled in already."),
        holds=While.ACTIVE,
        page=Page.RIGHT,
    ),
    "draft_rests": Words(
        _("your request rests"),
        _("You began a request and have not gone on with it for a long time."),
        _("Go on with it, or withdraw it. Without a change it is given up in a week."),
        holds=While.WRITING,
    ),
    "given_up": Words(
        _("your request was given up"),
        _("Your request rested for so long that it was withdrawn."),
        _("Nothing is lost: a new one takes over your answers."),
    ),
    "applicant_changed": Words(
        _("the request has another applicant"),
        _("Another person of the request is its applicant now."),
        _("Whoever it is writes, submits and withdraws for all. The page tells who."),
    ),
    "member_joined": Words(
        _("somebody has joined"),
        _("Somebody whom you invited has joined your request."),
        _("The page tells who. What is approved from now on is theirs too."),
    ),
    "member_removed": Words(
        _("you are no longer in it"),
        _("You were taken out of a request for data. Rights that you had by it have ended."),
        _("If this surprises you, ask its applicant."),
        is_for_outsiders=True,
    ),
    "commented": Words(
        _("something was said"),
        _("There is a new comment on the request."),
        _("Read it, and answer if it asks you something."),
    ),
    # To committees
    "new_request": Words(
        _("a new request for %(dataset)s"),
        _("%(committee)s has a new request, for %(dataset)s."),
        _COMMITTEE_READS,
        holds=While.WAITS,
    ),
    "answered": Words(
        _("it was answered, about %(dataset)s"),
        _("The applicant has answered and submitted again; %(dataset)s is in it."),
        _("The page shows what changed since the round before. Votes on that one no longer count."),
        holds=While.OPEN,
    ),
    "joined_in": Words(
        _("somebody joined, about %(dataset)s"),
        _("Somebody was invited by the applicant and joined; they ask for %(dataset)s too."),
        _(
            "A new round began with it, and the page shows who it is. Votes on the round before no longer count."
        ),
        holds=While.OPEN,
    ),
    "to_decide": Words(
        _("%(dataset)s waits for a decision"),
        _("%(committee)s has a request for %(dataset)s that is ready to be decided."),
        _("Read it and decide. It is meant to be decided by %(deadline)s."),
        holds=While.OPEN,
    ),
    "review_asked": Words(
        _("your review is asked for"),
        _("%(committee)s asks you to review a request for %(dataset)s."),
        _("Read it, and write your opinion. If you have a conflict of interest, declare it instead."),
        holds=While.REVIEWING,
    ),
    "reviewed": Words(
        _("a review of %(dataset)s is in"),
        _("A reviewer has written an opinion on the request for %(dataset)s."),
        _("Read it, and go on."),
        holds=While.OPEN,
    ),
    "voted": Words(
        _("a vote on %(dataset)s is in"),
        _("There is a new vote on the request for %(dataset)s."),
        _("The page shows how many are still needed."),
        holds=While.OPEN,
    ),
    "withdrawn": Words(
        _("%(dataset)s was withdrawn"),
        _("The applicant no longer asks for %(dataset)s."),
        _NOTHING,
    ),
    "relinquished": Words(
        _("a right to %(dataset)s was given back"),
        _("Somebody has given back their right to %(dataset)s."),
        _NOTHING,
    ),
    "rerouted": Words(
        _("%(dataset)s needs another handler"),
        _("Somebody who handled the request for %(dataset)s must not go on with it."),
        _COMMITTEE_READS,
        holds=While.OPEN,
    ),
    "nobody_left": Words(
        _("nobody is left who could decide"),
        _("%(committee)s has a request that no handler, or no decider, may act on: all have a conflict."),
        _("Name somebody without one. As manager you do not see the request itself."),
        holds=While.OPEN,
        page=Page.BOARD,
        is_for_outsiders=True,
    ),
    "affiliation_lost": Words(
        _("a right to %(dataset)s was suspended"),
        _("A home organisation let somebody go who has a right to %(dataset)s. The right is suspended."),
        _("Find out what holds, then reinstate or revoke it."),
    ),
    "deadline_near": Words(
        _("%(dataset)s is due on %(deadline)s"),
        _("The request for %(dataset)s is meant to be decided by %(deadline)s."),
        _("Go on with it, or tell the applicant that it takes longer."),
        holds=While.OPEN,
    ),
    "deadline_over": Words(
        _("%(dataset)s is overdue"),
        _("The request for %(dataset)s was meant to be decided by %(deadline)s."),
        _("Decide it, or tell the applicant that it takes longer."),
        holds=While.OPEN,
    ),
    "overdue_in_committee": Words(
        _("a request is overdue"),
        _("%(committee)s has a request that was meant to be decided by %(deadline)s."),
        _("See that somebody decides it. As manager you do not see the request itself."),
        holds=While.OPEN,
        page=Page.BOARD,
        is_for_outsiders=True,
    ),
    # To an address without an account
    "member_invited": Words(
        _("you are invited to a request for data"),
        _("Somebody asks for data that you are to work with too, and invites you to join the request."),
        _(
            "Sign in with this mail address and you see the invitation; with another one, enter the code that "
            "only whoever invited you has. It holds for a week. If you know nothing of it, do nothing."
        ),
        holds=While.INVITED,
        page=Page.JOIN,
        is_for_outsiders=True,
    ),
    "reviewer_invited": Words(
        _("you are invited to review a request for data"),
        _("A committee asks you to review a request for data."),
        _(
            "Sign in with this mail address and you see the invitation; with another one, enter the code that "
            "only whoever invited you has. It holds for a week. If you know nothing of it, do nothing."
        ),
        holds=While.INVITED,
        page=Page.JOIN,
        is_for_outsiders=True,
    ),
}
