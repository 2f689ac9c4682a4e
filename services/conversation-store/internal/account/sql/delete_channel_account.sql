DELETE FROM channel_accounts WHERE id = $1
