"""Events from video, and people's verdicts on them."""

from resolvers.row_statistics import DIMENSIONS
from schema.blocks import Argument, Domain, Extra, connection
from schema.webhooks import add_to

DOMAIN = Domain("events")


@DOMAIN.row
class Event:
    """What a camera's rule found, as it stands now or stood in one version (视频事件)."""


@DOMAIN.extend("Camera")
class CameraEvents:
    events = connection("What this camera saw (监控事件).")


@DOMAIN.extend("Grid")
class GridEvents:
    events = connection("What was seen in this grid (网格内事件).")


@DOMAIN.extend("Venue")
class VenueEvents:
    events = connection("What was seen of this venue (场所事件).")


@DOMAIN.extend("Firm")
class FirmEvents:
    events = connection("What was seen of venues that this firm operated then (企业事件).")


DOMAIN.enums.update(
    EventsBy=("What events are counted by.", DIMENSIONS),
    EvidenceKind=(
        "What a piece of evidence is.",
        {
            "SNAPSHOT": "A frame with what was found marked in it.",
            "RAW_SNAPSHOT": "The frame as the camera gave it.",
            "CLIP": "Video of the seconds before and after.",
        },
    ),
    ReviewStatus=(
        "How far a verdict has come.",
        {
            "STORED": "It is the event's next version, and on its way to subscribers.",
            "ACCEPTED": "It is safe on its way; the version follows as soon as ingest has it.",
        },
    ),
)

DOMAIN.objects.update(
    Evidence=(
        "A snapshot or clip (证据).",
        {
            "kind": ("EvidenceKind!", "What it is."),
            "sha256": ("String!", "SHA-256 of its bytes, in hexadecimal."),
            "mediaType": ("String!", "Media type (RFC 6838)."),
        },
    ),
    EventStatistic=(
        "The size of one group of events.",
        {
            "keys": ("[EventStatisticKey!]!", "What they have in common, in the order of `by`."),
            "count": ("Int!", "How many events."),
            "confirmed": ("Int!", "How many of them people confirmed."),
            "rejected": ("Int!", "How many of them people rejected."),
            "precision": (
                "Float",
                "Confirmed of all that were reviewed, 0 to 1; null where none was.",
            ),
        },
    ),
    EventStatisticKey=(
        "One thing a group of events has in common.",
        {
            "by": ("EventsBy!", "What they were counted by."),
            "value": ("String", "The common value, or the record's code."),
            "name": ("String", "The record's name, where the value is a code."),
        },
    ),
    EventDelivery=(
        "One message of a subscription to events.",
        {
            "cursor": ("Cursor!", "Give it as `after` to go on behind this message."),
            "event": ("Event", "The event's new version; null in a heartbeat."),
            "left": (
                "Boolean!",
                "True where the version before matched the filter and this one does not: "
                "the event has left what you watch.",
            ),
            "skipped": (
                "Int!",
                "How many versions were left out since the last message; over 0 only with "
                "`coalesce`.",
            ),
        },
    ),
    ReviewEventPayload=(
        "What became of a verdict.",
        {
            "event": ("Event!", "The event with the verdict; without it while only ACCEPTED."),
            "status": ("ReviewStatus!", "How far it has come."),
            "clientMutationId": ("String", "As it was sent."),
        },
    ),
)

DOMAIN.inputs.update(
    ReviewEventInput=(
        "A verdict on an event.",
        {
            "id": ("ID!", "The event's id."),
            "verdict": ("Verdict!", "What was found."),
            "note": ("String", "What the reviewer has to say, at most 2,000 characters."),
            "clientMutationId": ("String", "Send the same again to repeat safely."),
        },
    ),
)

FILTER = Argument("EventFilter", "Which ones.", None)

DOMAIN.queries.update(
    eventStatistics=Extra(
        "[EventStatistic!]!",
        "Counts of events, largest group first, with the precision of what was reviewed "
        "(事件统计). At most 10,000 groups.",
        {
            "by": Argument("[EventsBy!]!", "What to count by, at most five; empty for a total."),
            "filter": FILTER,
        },
    ),
)

DOMAIN.mutations.update(
    reviewEvent=Extra(
        "ReviewEventPayload",
        "Confirm or reject an event (核实). Answered when it is stored; subscribers get the "
        "event's next version.",
        {"input": Argument("ReviewEventInput!", "The verdict.")},
    ),
)

DOMAIN.subscriptions.update(
    events=Extra(
        "EventDelivery!",
        "Every version of every event that matches, in order per camera, never missed and never "
        "twice (事件订阅). The first message is a heartbeat with the cursor to begin from.",
        {
            "filter": FILTER,
            "after": Argument(
                "Cursor",
                "Go on behind this message, or from the `liveCursor` of a list; left out: from "
                "now on.",
                None,
            ),
            "coalesce": Argument(
                "Boolean!",
                "While you read more slowly than events come, get only the latest version of "
                "each, with the number left out in `skipped`; else a reader that is too slow is "
                "disconnected.",
                False,
            ),
        },
    ),
)

add_to(DOMAIN)
