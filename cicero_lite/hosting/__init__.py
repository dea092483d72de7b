"""Games on servers, played for days: what is kept, who may intervene, and what is told to whoever runs it."""
