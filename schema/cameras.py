"""Cameras."""

from schema.blocks import Domain, connection

DOMAIN = Domain("cameras")


@DOMAIN.entity
class Camera:
    """A camera and its stream (视频监控)."""


@DOMAIN.extend("Grid")
class GridCameras:
    cameras = connection("The cameras that stand in this grid (网格内监控).")


@DOMAIN.extend("Venue")
class VenueCameras:
    cameras = connection("The cameras that have this venue in view (监控该场所的摄像机).")


@DOMAIN.extend("Department")
class DepartmentCameras:
    cameras = connection("The cameras this department owns (所属监控).")
