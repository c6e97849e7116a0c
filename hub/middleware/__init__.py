"""What every HTTP request passes through: plain ASGI classes, listed in order in `hub.app`."""
