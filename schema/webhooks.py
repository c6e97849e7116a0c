"""Webhooks: events for those who cannot hold a connection."""

from schema.blocks import Argument, Domain, Extra

MUTATION_ID = ("String", "As you like; it comes back in the payload.")
STATE = "WebhookState"
FIRST = Argument("Int", "How many from the start.", None)
AFTER = Argument("Cursor", "After this cursor.", None)

ENUMS = {
    STATE: (
        "Whether a webhook is sent to.",
        {
            "ACTIVE": "Versions that match are sent as they are stored.",
            "PAUSED": "Nothing is sent; on ACTIVE it goes on where it stopped.",
            "DISABLED": "The receiver answered 410; ACTIVE takes it back into use.",
        },
    ),
    "WebhookDeliveryState": (
        "How far a delivery has come.",
        {
            "PENDING": "It waits for its turn, or for its next attempt.",
            "DELIVERED": "The receiver answered 2xx.",
            "PARKED": "It failed for three days; `replayWebhook` sends it again.",
        },
    ),
}


def _page(of: str, doc: str) -> dict[str, tuple[str, dict[str, tuple[str, str]]]]:
    return {
        f"{of}Edge": (
            "One of a list.",
            {"cursor": ("Cursor!", "Its place in the list."), "node": (f"{of}!", "The entry.")},
        ),
        f"{of}Connection": (
            doc,
            {
                "edges": (f"[{of}Edge!]!", "They with their cursors."),
                "nodes": (f"[{of}!]!", "They alone."),
                "pageInfo": ("PageInfo!", "Where this page stands."),
                "totalCount": ("Int!", "How many there are."),
            },
        ),
    }


OBJECTS: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "Webhook": (
        "An address that versions of events are sent to, each in a signed request (推送订阅).",
        {
            "id": ("ID!", "Its id."),
            "url": ("String!", "Where it leads."),
            "filter": ("JSON", "Which events, as an `EventFilter`; null: all."),
            "state": ("WebhookState!", "Whether it is sent to."),
            "reason": ("String", "Why the hub paused or disabled it."),
            "owner": ("String!", "Who made it."),
            "department": ("String", "Its owner's department then."),
            "createdAt": ("DateTime!", "When it was made."),
            "updatedAt": ("DateTime!", "When it was changed last."),
            "failingSince": (
                "DateTime",
                "Since when attempts fail and none has succeeded; null while it works.",
            ),
            "oldSecretUntil": ("DateTime", "Until when the secret before the last one signs too."),
            "pending": ("Int!", "How many deliveries wait."),
            "parked": ("Int!", "How many were parked."),
            "cursor": (
                "Cursor",
                "Everything before it was delivered or parked, or did not match; null while there "
                "were no events yet.",
            ),
            "deliveries": ("WebhookDeliveryConnection!", "What was sent or waits, newest first."),
        },
    ),
    "WebhookDelivery": (
        "One version of one event, on its way to one webhook.",
        {
            "messageId": ("ID!", "The header `webhook-id` of all its attempts."),
            "eventId": ("ID!", "The event's id."),
            "version": ("Int!", "The event's version."),
            "phase": ("EventPhase!", "What made that version."),
            "camera": ("String!", "The camera's code; one camera's are sent in order."),
            "left": ("Boolean!", "Whether the event left the filter with that version."),
            "state": ("WebhookDeliveryState!", "How far it has come."),
            "attempts": ("Int!", "How often it was tried."),
            "status": ("Int", "HTTP status of the last answer."),
            "error": ("String", "Why the last attempt failed."),
            "milliseconds": ("Int", "How long the last attempt took."),
            "createdAt": ("DateTime!", "When it was made."),
            "nextAt": ("DateTime", "Not before this is it tried again; null where it ended."),
            "endedAt": ("DateTime", "When it was delivered or parked."),
        },
    ),
    **_page("Webhook", "A page of webhooks, newest first."),
    **_page("WebhookDelivery", "A page of deliveries, newest first."),
    "WebhookPayload": (
        "A webhook after a change.",
        {
            "webhook": ("Webhook!", "The webhook."),
            "secret": ("String", "Its secret, if the hub made one just now; never shown again."),
            "clientMutationId": ("String", "As it was sent."),
        },
    ),
    "DeleteWebhookPayload": (
        "What was removed.",
        {"id": ("ID!", "Its id."), "clientMutationId": ("String", "As it was sent.")},
    ),
    "PingWebhookPayload": (
        "What the receiver did with a test message.",
        {
            "delivered": ("Boolean!", "Whether it answered 2xx."),
            "status": ("Int", "HTTP status of its answer; null where there was none."),
            "milliseconds": ("Int!", "How long it took."),
            "error": ("String", "What went wrong."),
            "clientMutationId": ("String", "As it was sent."),
        },
    ),
    "ReplayWebhookPayload": (
        "What is sent again.",
        {
            "webhook": ("Webhook!", "The webhook."),
            "unparked": ("Int!", "How many parked deliveries wait again."),
            "clientMutationId": ("String", "As it was sent."),
        },
    ),
}

INPUTS: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "CreateWebhookInput": (
        "A webhook to make.",
        {
            "url": ("String!", "Where to send: https, a public address, port 443 or over 1023."),
            "filter": ("EventFilter", "Which events; left out: all."),
            "secret": (
                "String",
                "`whsec_` and 24 to 64 bytes in base64; left out, the hub makes one.",
            ),
            "clientMutationId": ("String", "Send the same again to repeat safely."),
        },
    ),
    "UpdateWebhookInput": (
        "What to change of a webhook; what is left out stays.",
        {
            "id": ("ID!", "Its id."),
            "url": ("String", "Where to send from now on."),
            "filter": ("EventFilter", "Which of the events to come; null: all."),
            "state": (STATE, "ACTIVE or PAUSED."),
            "secret": ("String", "A new secret; for some time the one before signs too."),
            "rotateSecret": ("Boolean", "True: let the hub make a new secret."),
            "clientMutationId": MUTATION_ID,
        },
    ),
    "DeleteWebhookInput": (
        "A webhook to remove.",
        {"id": ("ID!", "Its id."), "clientMutationId": MUTATION_ID},
    ),
    "PingWebhookInput": (
        "A webhook to test.",
        {"id": ("ID!", "Its id."), "clientMutationId": MUTATION_ID},
    ),
    "ReplayWebhookInput": (
        "A webhook to send to again.",
        {
            "id": ("ID!", "Its id."),
            "after": (
                "Cursor",
                "Also send all that came after this cursor of a message, a subscription or a list "
                "(`liveCursor`), and go on from there; left out: only what was parked.",
            ),
            "clientMutationId": MUTATION_ID,
        },
    ),
}


def _changing(payload: str, verb: str, doc: str) -> Extra:
    given = Argument(f"{verb}WebhookInput!", "Which one, and how.")
    return Extra(payload, doc, {"input": given})


def add_to(domain: Domain) -> None:
    """Declare webhooks in the domain of events."""
    domain.enums.update(ENUMS)
    domain.objects.update(OBJECTS)
    domain.inputs.update(INPUTS)
    domain.arguments["Webhook", "deliveries"] = {
        "state": Argument("WebhookDeliveryState", "Only those.", None),
        "first": FIRST,
        "after": AFTER,
    }
    domain.queries.update(
        webhook=Extra(
            "Webhook",
            "Your webhook with this id, or null; stewards find everybody's.",
            {"id": Argument("ID!", "Its id.")},
        ),
        webhooks=Extra(
            "WebhookConnection!",
            "Your webhooks, newest first; stewards see everybody's.",
            {"first": FIRST, "after": AFTER},
        ),
    )
    domain.mutations.update(
        createWebhook=_changing(
            "WebhookPayload", "Create", "Have events sent to an address from now on (创建推送)."
        ),
        updateWebhook=_changing("WebhookPayload", "Update", "Change a webhook."),
        deleteWebhook=_changing(
            "DeleteWebhookPayload", "Delete", "Remove a webhook, and its log with it."
        ),
        pingWebhook=_changing(
            "PingWebhookPayload", "Ping", "Send a test message now, and tell what came back."
        ),
        replayWebhook=_changing("ReplayWebhookPayload", "Replay", "Send messages again."),
    )
