"""Who people are to the platform: phone numbers, one-time codes, access tokens and sessions."""
