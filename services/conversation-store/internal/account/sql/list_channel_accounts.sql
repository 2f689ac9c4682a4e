SELECT provider, provider_account, channel, address, is_default FROM channel_accounts
