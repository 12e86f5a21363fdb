"""Text messages: queueing, ways out, the platform's own telephones, and what people answer."""
