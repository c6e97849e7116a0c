"""What uvicorn runs per connection."""
