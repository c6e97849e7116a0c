"""The AsyncAPI 3 document of the topics, the door for detections and the webhooks.

https://www.asyncapi.com/docs/reference/specification/v3.0.0; messages are the models of
`schema.wire` in pydantic's JSON Schema. The hub is the application that is described: it receives
detections and sends events.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from schema.cloud_event_types import EVENT_TYPES, PHASES
from schema.wire import (
    CHANGES,
    DEAD,
    DETECTIONS,
    EVENTS,
    OPEN_EVENTS,
    REVIEWS,
    DeadLetter,
    Detection,
    Event,
    GraphChange,
    Review,
)

Json = dict[str, Any]
MODELS: tuple[type[BaseModel], ...] = (Detection, Review, Event, DeadLetter, GraphChange)
FROM_ATTRIBUTES = ("key", "source", "camera", "phase", "capturedAt")
"""What a detection's CloudEvent says by its attributes, or what is made of them."""
KAFKA_BINDING = "0.5.0"
HTTP_BINDING = "0.3.0"
CLOUD_EVENT = "application/cloudevents+json"

INFO = """Messages of City Hub, in JSON. Kafka's topics each have the prefix of the setting
HUB_TOPIC_PREFIX, and the camera's code as the key where none other is named, so that what one
camera sees stays in order. Consumers read with isolation level read_committed and pass over a
message without value. A detection or an event may come twice on its topic; key, and id with
version, tell which are the same."""


def asyncapi_document(version: str) -> Json:
    """The whole document; `version` is that of the hub."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:city-hub",
        "info": {"title": "City Hub", "version": version, "description": _flow(INFO)},
        "defaultContentType": "application/json",
        "servers": servers(),
        "channels": {name: channel for name, channel, _ in _parts()},
        "operations": {name: each for _, _, found in _parts() for name, each in found.items()},
        "components": {
            "messages": messages(),
            "schemas": schemas(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "From hub token; role detector.",
                },
                "kafka": {"type": "plain", "description": "SASL PLAIN."},
            },
        },
    }


def servers() -> Json:
    """Where messages come from and go to; which hosts these are is for who runs the hub to say."""
    return {
        "kafka": {
            "host": "{kafka}",
            "protocol": "kafka",
            "variables": {"kafka": {"description": "HUB_KAFKA_SERVERS"}},
            "security": [{"$ref": "#/components/securitySchemes/kafka"}],
        },
        "hub": {
            "host": "{hub}",
            "protocol": "https",
            "variables": {"hub": {"description": "Where the hub is served."}},
            "security": [{"$ref": "#/components/securitySchemes/token"}],
        },
        "receiver": {
            "host": "{receiver}",
            "protocol": "https",
            "variables": {"receiver": {"description": "The host of a webhook's address."}},
        },
    }


def _parts() -> list[tuple[str, Json, Json]]:
    """Each channel: its name, itself, and its operations."""
    return [
        _topic("detections", DETECTIONS, "What cameras' rules saw.", ["detection"], receive="take"),
        _topic("reviews", REVIEWS, "What people found.", ["review"], receive="take", send="send"),
        _topic("events", EVENTS, "Every version of every event.", ["event"], send="send"),
        _topic(
            "openEvents",
            OPEN_EVENTS,
            "What ingest remembers, compacted, by event id. It is ingest's own: do not read it.",
            ["openEvent"],
            send="remember",
            receive="recall",
            cleanup="compact",
        ),
        _topic(
            "deadLetters",
            DEAD,
            "What ingest could not take. A message without value is the mark of a replay: its "
            "header replayed lists offsets in the same partition.",
            ["deadLetter"],
            send="send",
        ),
        _topic(
            "graphChanges",
            CHANGES,
            "Every change of the graph's records, in order; one partition.",
            ["graphChange"],
            send="send",
        ),
        (
            "ingest",
            {
                "address": "/ingest/events",
                "servers": [{"$ref": "#/servers/hub"}],
                "description": "Detections from other vendors, as CloudEvents 1.0 by POST: "
                "structured as here, batched (application/cloudevents-batch+json, a list of them), "
                "or binary (ce- headers). 202 when all are kept.",
                "messages": _references(["sentDetection"]),
            },
            {"takeSentDetections": _by_post("receive", "ingest")},
        ),
        (
            "webhooks",
            {
                "address": None,
                "servers": [{"$ref": "#/servers/receiver"}],
                "description": "Versions of events for those who asked by createWebhook, each "
                "as one CloudEvent by POST, in order for each camera, repeated until answered 2xx.",
                "messages": _references([_webhook_name(phase) for phase in EVENT_TYPES]),
            },
            {"deliverEvents": _by_post("send", "webhooks")},
        ),
    ]


def _topic(
    name: str,
    topic: str,
    description: str,
    carried: list[str],
    *,
    send: str = "",
    receive: str = "",
    cleanup: str = "delete",
) -> tuple[str, Json, Json]:
    channel = {
        "address": "{prefix}" + topic,
        "title": topic,
        "description": description,
        "servers": [{"$ref": "#/servers/kafka"}],
        "parameters": {"prefix": {"description": "HUB_TOPIC_PREFIX", "default": ""}},
        "messages": _references(carried),
        "bindings": {
            "kafka": {
                "topicConfiguration": {"cleanup.policy": [cleanup]},
                "bindingVersion": KAFKA_BINDING,
            }
        },
    }
    capital = name[0].upper() + name[1:]
    operations = {
        f"{verb}{capital}": {"action": action, "channel": {"$ref": f"#/channels/{name}"}}
        for action, verb in (("send", send), ("receive", receive))
        if verb
    }
    return name, channel, operations


def _references(names: list[str]) -> Json:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _by_post(action: str, channel: str) -> Json:
    binding = {"http": {"method": "POST", "bindingVersion": HTTP_BINDING}}
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "bindings": binding,
    }


def messages() -> Json:
    """All messages by name."""
    camera = {"type": "string", "description": "The camera's code, in UTF-8."}
    event_key = {"type": "string", "description": "The event's id; #horizon is ingest's own."}
    record_key = {"type": "string", "description": "Type:code of the record."}
    died_key = {"type": "string", "description": "The key of the message that died."}
    on_kafka = {
        "detection": (_schema("Detection"), camera),
        "review": (_schema("Review"), camera),
        "event": (_schema("Event"), camera),
        "openEvent": (_schema("OpenEvent"), event_key),
        "deadLetter": (_schema("DeadLetter"), died_key),
        "graphChange": (_schema("GraphChange"), record_key),
    }
    found: Json = {
        name: {
            "name": name,
            "contentType": "application/json",
            "payload": payload,
            "bindings": {"kafka": {"key": key, "bindingVersion": KAFKA_BINDING}},
        }
        for name, (payload, key) in on_kafka.items()
    }
    found["sentDetection"] = {
        "name": "sentDetection",
        "contentType": CLOUD_EVENT,
        "payload": _schema("SentDetection"),
        "examples": [{"payload": EXAMPLE}],
    }
    for phase, kind in EVENT_TYPES.items():
        name = _webhook_name(phase)
        found[name] = {
            "name": kind,
            "title": f"An event was {phase.lower()}",
            "contentType": CLOUD_EVENT,
            "headers": _schema("WebhookHeaders"),
            "payload": {
                "allOf": [
                    _schema("DeliveredEvent"),
                    {"type": "object", "properties": {"type": {"const": kind}}},
                ]
            },
        }
    return found


def schemas() -> Json:
    """All schemas by name: the models', and those of the CloudEvents around them."""
    _, made = models_json_schema(
        [(model, "validation") for model in MODELS],
        by_alias=True,
        ref_template="#/components/schemas/{model}",
    )
    found = {name: _draft_7(schema) for name, schema in sorted(made["$defs"].items())}
    detection = found["Detection"]
    required = [name for name in detection["required"] if name not in FROM_ATTRIBUTES]
    found["SentDetectionData"] = detection | {
        "title": "SentDetectionData",
        "description": "A detection; what the CloudEvent's attributes say may be left out.",
        "required": required,
    }
    found["SentDetection"] = _cloud_event(
        "SentDetection",
        "SentDetectionData",
        type={"type": "string", "enum": sorted(PHASES), "description": "Tells the phase."},
        source={"maxLength": 200, "description": "Who made it, where data.source does not say."},
        subject={"maxLength": 64, "description": "The camera's code, or data.camera."},
        time={"description": "When the frame was taken, or data.capturedAt."},
    )
    event = found["Event"]
    found["WebhookEvent"] = event | {
        "title": "WebhookEvent",
        "description": "A version of an event, without the id of its review.",
        "properties": {n: p for n, p in event["properties"].items() if n != "reviewId"},
        "required": [name for name in event["required"] if name != "reviewId"],
    }
    found["DeliveredEventData"] = {
        "title": "DeliveredEventData",
        "type": "object",
        "properties": {
            "event": _schema("WebhookEvent"),
            "left": {"type": "boolean", "description": "Whether it has left the filter."},
            "cursor": {"type": "string", "description": "Stands behind this version."},
        },
        "required": ["event", "left", "cursor"],
    }
    found["DeliveredEvent"] = _cloud_event(
        "DeliveredEvent",
        "DeliveredEventData",
        ("subject", "time"),
        type={"enum": sorted(EVENT_TYPES.values()), "description": "Tells the phase."},
        id={"description": "The event's id and version: ID/VERSION. Equal when repeated."},
        source={"description": "The hub's name."},
        subject={"description": "The camera's code."},
        time={"description": "When ingest made the version."},
    )
    found["WebhookHeaders"] = _headers()
    found["OpenEvent"] = {
        "title": "OpenEvent",
        "type": "object",
        "description": "An event as ingest remembers it.",
        "properties": {"doc": _schema("Event")},
    }
    return found


def _cloud_event(name: str, data: str, required: tuple[str, ...] = (), **changes: Json) -> Json:
    """A CloudEvent in its JSON format (1.0.2, structured)."""
    text: Json = {"type": "string", "minLength": 1}
    attributes: Json = {
        "specversion": {"type": "string", "const": "1.0"},
        "id": text,
        "source": text | {"format": "uri-reference"},
        "type": text,
        "subject": text,
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"type": "string", "const": "application/json"},
        "data": _schema(data),
    }
    for attribute, change in changes.items():
        attributes[attribute] = attributes[attribute] | change
    return {
        "title": name,
        "type": "object",
        "properties": attributes,
        "required": ["specversion", "id", "source", "type", *required, "data"],
    }


def _headers() -> Json:
    """Those of Standard Webhooks 1.0."""
    return {
        "title": "WebhookHeaders",
        "type": "object",
        "properties": {
            "webhook-id": {"type": "string", "description": "Equal when a delivery is repeated."},
            "webhook-timestamp": {
                "type": "string",
                "pattern": "^[0-9]+$",
                "description": "When it was sent, in seconds since 1970.",
            },
            "webhook-signature": {
                "type": "string",
                "description": "v1,BASE64 of HMAC-SHA256 over ID.TIMESTAMP.BODY with the "
                "webhook's secret; several, with spaces between, while secrets change.",
            },
        },
        "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
    }


def _draft_7(schema: Any) -> Any:
    """Pydantic's schema (draft 2020-12) as AsyncAPI reads it (draft 7): tuples, and prose that
    was broken into lines."""
    if isinstance(schema, list):
        return [_draft_7(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _draft_7(value) for name, value in schema.items()}
    if "prefixItems" in found:
        found["items"] = found.pop("prefixItems")
    if isinstance(found.get("description"), str):
        found["description"] = _flow(found["description"])
    return found


def _flow(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _schema(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _webhook_name(phase: str) -> str:
    return f"event{phase.capitalize()}"


EXAMPLE: Json = {
    "specversion": "1.0",
    "id": "box-7/1234",
    "source": "https://vendor.example/box-7",
    "type": "city.hub.detection.seen",
    "subject": "37020200001327000001",
    "time": "2026-01-31T08:00:05+08:00",
    "datacontenttype": "application/json",
    "data": {
        "type": "GARBAGE_PILE",
        "zone": "kerb",
        "startedAt": "2026-01-31T08:00:00+08:00",
        "confidence": 0.82,
        "attributes": {"bags": 3},
        "rule": "garbage",
        "ruleVersion": "3",
    },
}
"""A detection as a vendor sends it."""
